import CCrypt
import Dispatch
import FoundationEssentials
package import RosterModel
import Synchronization

/// Hashes and verifies passwords with crypt(3) on threads of its own, by default one per core. The number of waiting
/// calls is limited, because one hash takes about 16 ms of a core.
package final class CryptHasher: PasswordHashing {
    /// The maximum number of calls that wait or run; further calls fail with `busy`.
    package static let maximumWaiting = 64

    private let queues: [DispatchQueue]
    private let state = Mutex(State())

    private struct State {
        var waiting = 0
        var nextQueue = 0
    }

    /// Creates a hasher.
    /// - Parameter workers: the number of hashes to compute at once; nil means one per core.
    package init(workers: Int? = nil) {
        let count = max(1, workers ?? ProcessInfo.processInfo.activeProcessorCount)
        queues = (0..<count).map { DispatchQueue(label: "roster.password.\($0)") }
    }

    package func hash(_ password: String) async throws(RosterError) -> PasswordHash {
        guard password.utf8.count <= 256, !password.utf8.contains(0) else {
            throw .invalid("password", "longer than 256 bytes, or holds a NUL")
        }
        let text = try await run { Self.crypt(password, setting: Self.newSetting()) }
        guard let text else { throw RosterError(.internalError, "the system cannot hash a password") }
        return PasswordHash(stored: text)
    }

    package func verify(_ password: String, against hash: PasswordHash) async throws(RosterError) -> Bool {
        guard password.utf8.count <= 256, !password.utf8.contains(0) else { return false }
        return try await run {
            if let digest = PasswordDigest(hash.text) {
                return digest.digest(of: password).equalsInConstantTime(digest.digest)
            }
            guard let text = Self.crypt(password, setting: hash.text) else { return false }
            return text.utf8.equalsInConstantTime(hash.text.utf8)
        }
    }

    private func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws(RosterError) -> Value {
        let queue = state.withLock { state -> DispatchQueue? in
            guard state.waiting < Self.maximumWaiting else { return nil }
            state.waiting += 1
            state.nextQueue = (state.nextQueue + 1) % queues.count
            return queues[state.nextQueue]
        }
        guard let queue else { throw RosterError(.busy, "too many passwords are being hashed, try again") }
        defer { state.withLock { $0.waiting -= 1 } }
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }

    /// A yescrypt setting with a new salt and the system's default cost.
    private static func newSetting() -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CRYPT_GENSALT_OUTPUT_SIZE)) { buffer in
            guard let setting = crypt_gensalt_rn("$y$", 0, nil, 0, buffer.baseAddress, Int32(buffer.count)) else {
                return nil
            }
            return String(cString: setting)
        }
    }

    /// The hash of `password` under `setting`, which may also be a whole hash; nil if crypt(3) rejects it.
    private static func crypt(_ password: String, setting: String?) -> String? {
        guard let setting, setting.utf8.first == UInt8(ascii: "$") || PasswordHash(stored: setting).isDES else {
            return nil
        }
        let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
        data.initialize(to: crypt_data())
        defer {
            // The work area holds values derived from the password.
            data.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout<crypt_data>.size) {
                $0.update(repeating: 0, count: MemoryLayout<crypt_data>.size)
            }
            data.deallocate()
        }
        guard let result = crypt_rn(password, setting, data, Int32(MemoryLayout<crypt_data>.size)) else { return nil }
        return String(cString: result)
    }
}
