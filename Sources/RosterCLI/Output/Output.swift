import Glibc
import RosterModel

/// The program's output: results on standard output, everything else on standard error.
enum Output {
    /// Prints a line of results. Control characters are shown as `?`.
    /// - Throws: `CommandError` if it cannot be written. If the reader has gone away, the program ends quietly, like
    ///   others in a pipe.
    static func line(_ text: String) throws { try raw(text.sanitizedForDisplay(limit: .max) + "\n") }

    /// Prints bytes unchanged, for another program to read.
    /// - Throws: as `line`.
    static func raw(_ text: String) throws { try raw(Array(text.utf8)) }

    /// As `raw` with a text.
    static func raw(_ bytes: [UInt8]) throws {
        guard write(bytes, to: STDOUT_FILENO) else {
            if errno == EPIPE { exit(0) }
            throw CommandError("cannot write the output: \(systemError())")
        }
    }

    /// Prints a line for a person to standard error. Control characters are shown as `?`.
    static func printDiagnostic(_ text: String) {
        _ = write(text.sanitizedForDisplay(limit: .max) + "\n", to: STDERR_FILENO)
    }

    /// A question on the terminal, without a line break.
    static func prompt(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    /// Asks a question on the terminal.
    /// - Throws: `CommandError` unless the answer is yes.
    static func question(_ text: String) throws {
        prompt("\(text) [y/N] ")
        let answer = readLine(strippingNewline: true)?.lowercased() ?? ""
        guard ["y", "yes"].contains(answer) else { throw CommandError("nothing was changed") }
    }

    static func isTerminal(_ file: Int32) -> Bool { isatty(file) == 1 }

    /// Whether everything was written; otherwise `errno` says why not.
    static func write(_ text: String, to file: Int32) -> Bool { write(Array(text.utf8), to: file) }

    /// As `write` with a text.
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
