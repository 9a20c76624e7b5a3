import Glibc

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
}
