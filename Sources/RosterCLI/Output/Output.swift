import Glibc
import RosterDirectory
import RosterModel
import RosterStore
import Synchronization

/// What the program says: results on standard output, the rest on standard error.
enum Output {
    /// A line of results. What would steer a terminal shows as `?`.
    /// - Throws: `CommandError` where it cannot be written. A reader that has gone away ends the program quietly, as it
    ///   ends others in a pipe.
    static func line(_ text: String) throws { try raw(text.sanitizedForDisplay(limit: .max) + "\n") }

    /// Bytes as they are: for what another program reads.
    /// - Throws: as `line`.
    static func raw(_ text: String) throws {
        guard write(text, to: STDOUT_FILENO) else {
            if errno == EPIPE { exit(0) }
            throw CommandError("cannot write the output: \(systemError())")
        }
    }

    /// For a person beside the results; goes to standard error. What would steer a terminal shows as `?`.
    static func note(_ text: String) { _ = write(text.sanitizedForDisplay(limit: .max) + "\n", to: STDERR_FILENO) }

    /// A question on a terminal, without a line's end.
    static func prompt(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    static func isTerminal(_ file: Int32) -> Bool { isatty(file) == 1 }

    /// Whether all of it was written; `errno` tells why not.
    fileprivate static func write(_ text: String, to file: Int32) -> Bool { write(Array(text.utf8), to: file) }

    /// As `write` of a text.
    static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

/// A bar on a terminal's standard error for what takes longer than a moment; silent elsewhere.
final class ProgressBar: Sendable {
    private let title: String
    private let total: Int
    private let isShown: Bool
    private let state: Mutex<State>

    private struct State {
        var start = ContinuousClock.now
        var lastDrawn: ContinuousClock.Instant?
    }

    /// - Parameter total: what `update` counts up to; 0 where nobody knows.
    init(_ title: String, total: Int) {
        self.title = title
        self.total = total
        isShown = Output.isTerminal(STDERR_FILENO)
        state = Mutex(State())
    }

    func update(_ done: Int) {
        guard isShown else { return }
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            // What is over in half a second needs no bar; more than ten pictures a second nobody sees.
            guard now - state.start > .milliseconds(500),
                state.lastDrawn.map({ now - $0 > .milliseconds(100) }) ?? true
            else { return false }
            state.lastDrawn = now
            return true
        }
        if isDue { draw(done) }
    }

    /// Takes the bar away.
    func finish() {
        guard isShown, state.withLock({ $0.lastDrawn != nil }) else { return }
        _ = Output.write("\r\u{1B}[K", to: STDERR_FILENO)
    }

    private func draw(_ done: Int) {
        guard total > 0 else {
            _ = Output.write("\r\(title) \(done)\u{1B}[K", to: STDERR_FILENO)
            return
        }
        let width = 30
        let filled = min(width, done * width / total)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        _ = Output.write("\r\(title) [\(bar)] \(min(100, done * 100 / total)) %\u{1B}[K", to: STDERR_FILENO)
    }
}
