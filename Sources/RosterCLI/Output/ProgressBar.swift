import Glibc
import Synchronization

/// A progress bar on a terminal's standard error for work that takes a while; silent elsewhere.
final class ProgressBar: Sendable {
    private let title: String
    private let total: Int
    private let isShown: Bool
    private let state: Mutex<State>

    private struct State {
        var start = ContinuousClock.now
        var lastDrawn: ContinuousClock.Instant?
    }

    /// - Parameter total: what `update` counts up to; 0 if it is unknown.
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
            // Work of less than half a second needs no bar, and ten updates per second are enough.
            guard now - state.start > .milliseconds(500),
                state.lastDrawn.map({ now - $0 > .milliseconds(100) }) ?? true
            else { return false }
            state.lastDrawn = now
            return true
        }
        if isDue { draw(done) }
    }

    /// Erases the bar.
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
