import Foundation

/// A file lock that the system releases when the process ends, however it ends.
final class FileLock: Sendable {
    private let file: Int32
    private let path: String

    init(_ path: String) throws {
        self.path = path
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw CommandError("cannot open \(path): \(systemError())") }
    }

    deinit {
        close(file)
    }

    /// Waits for the lock.
    func wait() throws {
        while flock(file, LOCK_EX) != 0 {
            guard errno == EINTR else { throw CommandError("cannot lock \(path): \(systemError())") }
        }
    }

    /// Takes the lock if nobody holds it.
    func tryLock() -> Bool { flock(file, LOCK_EX | LOCK_NB) == 0 }

    func release() { flock(file, LOCK_UN) }

    /// A line in the file that tells other processes who holds the lock.
    var text: String {
        get {
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = pread(file, &buffer, buffer.count, 0)
            return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        }
        set {
            ftruncate(file, 0)
            pwrite(file, newValue, newValue.utf8.count, 0)
        }
    }
}
