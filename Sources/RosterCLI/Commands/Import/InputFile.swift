import ArgumentParser
import Glibc
import RosterImport
import RosterModel

/// The content of a file or of standard input.
enum InputFile {
    /// The most bytes that are read, unless an option says otherwise: 1 GiB. A device has no end.
    static let defaultMaximum = 1 << 30

    /// - Throws: `CommandError` if it cannot be read, or is larger than `maximum` bytes.
    static func read(_ path: String, maximum: Int = defaultMaximum) throws -> [UInt8] {
        let file = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw CommandError("cannot read \(path): \(systemError())") }
        defer { if file != STDIN_FILENO { close(file) } }
        var bytes: [UInt8] = []
        // A pipe has no end to seek.
        let start = lseek(file, 0, SEEK_CUR)
        if start >= 0 {
            bytes.reserveCapacity(min(maximum, max(0, lseek(file, 0, SEEK_END) - start)))
            _ = lseek(file, start, SEEK_SET)
        }
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CommandError("cannot read \(path): \(systemError())") }
            if count == 0 { return bytes }
            guard bytes.count + count <= maximum else {
                throw CommandError("\(name(of: path)) is larger than \(maximum >> 20) MiB; --max-mib allows more")
            }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// The name of a file in messages.
    static func name(of path: String) -> String { path == "-" ? "standard input" : path }

    /// - Parameter what: what the file holds.
    /// - Throws: `ValidationError` if a person would have to type it.
    static func requireSome(_ path: String, of what: String) throws {
        guard path == "-", Output.isTerminal(STDIN_FILENO) else { return }
        throw ValidationError("Name a file, or give the \(what) on standard input.")
    }

    /// The content of a file as UTF-8. Reports the encoding if it is a guess other than UTF-8.
    /// - Parameter encoding: the name of the file's encoding; nil to guess it.
    /// - Throws: `CommandError` if the file cannot be read or has another encoding.
    static func text(of path: String, encoding: String?, maximum: Int = defaultMaximum) throws -> [UInt8] {
        let bytes = try read(path, maximum: maximum)
        let chosen: TextEncoding
        if let encoding {
            guard let known = TextEncoding(name: encoding) else {
                throw CommandError("--encoding must be utf-8, utf-16, utf-16be, cp1252 or gb18030")
            }
            chosen = known
        } else {
            chosen = TextEncoding.guess(bytes)
            if chosen != .utf8 {
                try Output.line("\(name(of: path)): not UTF-8, read as \(chosen.rawValue); --encoding says otherwise")
            }
        }
        do throws(TextEncoding.ConversionError) {
            return try chosen.convert(bytes)
        } catch {
            let place = error.line > 0 ? ": line \(error.line)" : ""
            throw CommandError("\(name(of: path))\(place): \(error.message)")
        }
    }

    /// The names in a file, one in each line; empty lines and those that begin with # are passed over.
    /// - Throws: `CommandError` if it cannot be read, or has no name.
    static func names(in path: String) throws -> [String] {
        let names = String(decoding: try read(path), as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { String(decoding: Array($0.utf8).trimmingSpaces(andTabs: true), as: UTF8.self) }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard !names.isEmpty else { throw CommandError("\(name(of: path)) names nobody") }
        return names
    }
}
