import Glibc
import RosterModel

/// What the program says: results on standard output, the rest on standard error.
enum Output {
    /// A line of results. What would steer a terminal shows as `?`.
    /// - Throws: `CommandError` where it cannot be written. A reader that has gone away ends the program quietly, as it
    ///   ends others in a pipe.
    static func line(_ text: String) throws { try raw(text.sanitizedForDisplay(limit: .max) + "\n") }

    /// Bytes as they are: for what another program reads.
    /// - Throws: as `line`.
    static func raw(_ text: String) throws { try raw(Array(text.utf8)) }

    /// As `raw` of a text.
    static func raw(_ bytes: [UInt8]) throws {
        guard write(bytes, to: STDOUT_FILENO) else {
            if errno == EPIPE { exit(0) }
            throw CommandError("cannot write the output: \(systemError())")
        }
    }

    /// For a person beside the results; goes to standard error. What would steer a terminal shows as `?`.
    static func printDiagnostic(_ text: String) {
        _ = write(text.sanitizedForDisplay(limit: .max) + "\n", to: STDERR_FILENO)
    }

    /// A question on a terminal, without a line's end.
    static func prompt(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    static func isTerminal(_ file: Int32) -> Bool { isatty(file) == 1 }

    /// Whether all of it was written; `errno` tells why not.
    static func write(_ text: String, to file: Int32) -> Bool { write(Array(text.utf8), to: file) }

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
