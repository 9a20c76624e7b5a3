import FoundationEssentials
import Glibc
import RosterModel

/// The file that holds a seal key: one line, `roster-seal-key VERSION BASE64`, mode 0600.
package enum SealKeyFile {
    /// Why a seal key is not available: one line that says what to do.
    package struct SealKeyFileError: Error, CustomStringConvertible {
        package let description: String
    }

    /// Reads the key in the file at `path`, creating the file with a new key if it does not exist.
    /// - Throws: `SealKeyFileError` if the file cannot be read or created, others may read it, or it is not a seal key.
    package static func openOrMake(at path: String) throws(SealKeyFileError) -> SealKey {
        if let key = try read(path) { return key }
        // Another process may have created one at the same time, so the key in the file counts.
        _ = try make(at: path)
        guard let key = try read(path) else { throw SealKeyFileError(description: "the seal key \(path) vanished") }
        return key
    }

    /// Reads the key in the file at `path`.
    /// - Throws: `SealKeyFileError` if the file does not exist, others may read it, or it is not a seal key.
    package static func open(at path: String) throws(SealKeyFileError) -> SealKey {
        guard let key = try read(path) else { throw SealKeyFileError(description: "there is no seal key \(path)") }
        return key
    }

    /// Creates a file at `path` with a new key.
    /// - Throws: `SealKeyFileError` if the file exists already or cannot be created.
    package static func makeNew(at path: String) throws(SealKeyFileError) {
        guard access(path, F_OK) != 0, try make(at: path) else {
            throw SealKeyFileError(description: "\(path) is there already")
        }
    }

    /// Copies the key in the file at `source` to a file at `path`, unless that file exists.
    /// - Throws: `SealKeyFileError` if `path` has another key, a file cannot be read or created, others may read it, or
    ///   it is not a seal key.
    package static func copy(from source: String, to path: String) throws(SealKeyFileError) {
        let key = try open(at: source)
        if try read(path) == nil { _ = try write(try line(of: source) ?? [], to: path) }
        guard try open(at: path) == key else {
            throw SealKeyFileError(description: "another seal key is in \(path) already")
        }
    }

    private static func read(_ path: String) throws(SealKeyFileError) -> SealKey? {
        guard let line = try line(of: path) else { return nil }
        let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 3, words[0] == "roster-seal-key", let version = Int(words[1]),
            let bytes = Data(base64Encoded: String(words[2])), bytes.count == 32
        else { throw SealKeyFileError(description: "\(path) is not a seal key of Roster") }
        return SealKey(version: version, bytes: Array(bytes))
    }

    /// The content of the file; nil if it does not exist.
    private static func line(of path: String) throws(SealKeyFileError) -> [UInt8]? {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw SealKeyFileError(description: "cannot read the seal key \(path): \(reason())")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SealKeyFileError(description: "the seal key \(path) is not a file")
        }
        guard
            !isShared(
                mode: status.st_mode, path: path,
                credentials: getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) })
        else {
            throw SealKeyFileError(description: "others may read the seal key \(path): run chmod 600 \(path)")
        }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = Glibc.read(file, &buffer, buffer.count)
        guard count > 0 else { throw SealKeyFileError(description: "the seal key \(path) is empty") }
        return Array(buffer[..<count])
    }

    /// Whether the mode of a file lets others read it. A credential that systemd gives to the service (LoadCredential=) has
    /// an access list for the service's account, which the mode shows as the rights of a group.
    /// - Parameter credentials: the folder of the service's credentials, if it has one.
    package static func isShared(mode: UInt32, path: String, credentials: String?) -> Bool {
        let isCredential =
            credentials.map { !$0.isEmpty && path.hasPrefix($0 + "/") && !path.contains("/../") } ?? false
        return mode & (isCredential ? 0o037 : 0o077) != 0
    }

    /// Creates the file with a new key.
    /// - Returns: false if the file exists already.
    private static func make(at path: String) throws(SealKeyFileError) -> Bool {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return try write(Array("roster-seal-key 1 \(Data(bytes).base64EncodedString())\n".utf8), to: path)
    }

    /// Writes the whole file under another name first, so that a process that is killed midway leaves no partial key.
    /// - Returns: false if the file exists already; it is then unchanged.
    private static func write(_ line: [UInt8], to path: String) throws(SealKeyFileError) -> Bool {
        let draft = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max))"
        let file = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SealKeyFileError(description: "cannot make the seal key \(path): \(reason())") }
        defer {
            close(file)
            unlink(draft)
        }
        guard Glibc.write(file, line, line.count) == line.count, fsync(file) == 0 else {
            throw SealKeyFileError(description: "cannot write the seal key \(path): \(reason())")
        }
        let isNew = link(draft, path) == 0
        guard isNew || errno == EEXIST else {
            throw SealKeyFileError(description: "cannot make the seal key \(path): \(reason())")
        }
        // Syncing the directory makes the new name durable.
        let name = path.lastIndex(of: "/").map { path[...$0] } ?? "."
        let folder = Glibc.open(String(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
        return isNew
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
