import ArgumentParser
import Glibc
import RosterImport

/// The bytes of a file or of standard input.
enum InputFile {
    /// - Throws: `CommandError` where it cannot be read.
    static func read(_ path: String) throws -> [UInt8] {
        let file = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw CommandError("cannot read \(path): \(systemError())") }
        defer { if file != STDIN_FILENO { close(file) } }
        var bytes: [UInt8] = []
        var status = stat()
        if fstat(file, &status) == 0 { bytes.reserveCapacity(Int(status.st_size)) }
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CommandError("cannot read \(path): \(systemError())") }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// What a file is called in lines about it.
    static func name(of path: String) -> String { path == "-" ? "standard input" : path }

    /// - Parameter what: what the file holds.
    /// - Throws: `ValidationError` where somebody would have to type it.
    static func requireSome(_ path: String, of what: String) throws {
        guard path == "-", Output.isTerminal(STDIN_FILENO) else { return }
        throw ValidationError("Name a file, or give the \(what) on standard input.")
    }

    /// The bytes of a file in UTF-8. A guess is said.
    /// - Parameter encoding: the name of the encoding that it has; nil where it is to be guessed.
    /// - Throws: `CommandError` where it cannot be read, or is in another encoding.
    static func text(of path: String, encoding: String?) throws -> [UInt8] {
        let bytes = try read(path)
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
}
