import CCrypt
import Dispatch
import FoundationEssentials
package import RosterModel
import Synchronization

/// Hashes and verifies passwords with crypt(3) on threads of its own, by default one per core. One hash takes about 16
/// ms of a core, so the number of waiting calls is limited, and clients take turns (`FairQueue`).
package final class CryptHasher: PasswordHashing {
    /// The maximum number of calls of one client that wait; further calls fail with `busy`.
    package static let maximumWaitingPerClient = 64
    /// The maximum number of calls that wait; beyond it, the client with most of them gets `busy`.
    package static let maximumWaiting = 512

    private let workers: Int
    private let threads = DispatchQueue(label: "roster.password", attributes: .concurrent)
    private let state = Mutex(State())

    private struct State {
        var running = 0
        /// How many of the running calls are for suspect clients.
        var suspects = 0
        var queue = FairQueue<Job>(
            maximumPerClient: CryptHasher.maximumWaitingPerClient, maximum: CryptHasher.maximumWaiting)
    }

    /// A call that runs or waits.
    private struct Job: Sendable {
        let isSuspect: Bool
        let work: @Sendable () -> Void
        let refuse: @Sendable () -> Void
    }

    /// Creates a hasher.
    /// - Parameter workers: the number of hashes to compute at once; nil means one per core.
    package init(workers: Int? = nil) {
        self.workers = max(1, workers ?? ProcessInfo.processInfo.activeProcessorCount)
    }

    package func hash(_ password: String, for client: QueueClient) async throws(RosterError) -> PasswordHash {
        guard password.utf8.count <= 256, !password.utf8.contains(0) else {
            throw .invalid("password", "longer than 256 bytes, or holds a NUL")
        }
        let text = try await run(for: client) { Self.crypt(password, setting: Self.newSetting()) }
        guard let text else { throw RosterError(.internalError, "the system cannot hash a password") }
        return PasswordHash(stored: text)
    }

    package func verify(
        _ password: String, against hash: PasswordHash, for client: QueueClient
    ) async throws(RosterError) -> Bool {
        guard password.utf8.count <= 256, !password.utf8.contains(0) else { return false }
        return try await run(for: client) {
            if let digest = PasswordDigest(hash.text) {
                return digest.digest(of: password).equalsInConstantTime(digest.digest)
            }
            guard let text = Self.crypt(password, setting: hash.text) else { return false }
            return text.utf8.equalsInConstantTime(hash.text.utf8)
        }
    }

    package func canVerify(_ hash: PasswordHash) -> Bool {
        if PasswordDigest(hash.text) != nil || hash.isDES { return true }
        guard hash.text.utf8.first == UInt8(ascii: "$") else { return false }
        // A method that is old or costs little is verified too.
        return ![CRYPT_SALT_INVALID, CRYPT_SALT_METHOD_DISABLED].contains(crypt_checksalt(hash.text))
    }

    private func run<Value: Sendable>(
        for client: QueueClient, _ work: @escaping @Sendable () -> Value
    ) async throws(RosterError) -> Value {
        let value = await withCheckedContinuation { (continuation: CheckedContinuation<Value?, Never>) in
            enqueue(
                Job(
                    isSuspect: client.isSuspect, work: { continuation.resume(returning: work()) },
                    refuse: { continuation.resume(returning: nil) }), for: client)
        }
        guard let value else { throw RosterError(.busy, "too many passwords are being hashed, try again") }
        return value
    }

    private func enqueue(_ job: Job, for client: QueueClient) {
        let (refused, first) = state.withLock { state in
            let refused = state.queue.append(job, for: client)
            return (refused, next(&state))
        }
        refused?.refuse()
        guard let first else { return }
        threads.async { self.work(startingWith: first) }
    }

    private func work(startingWith first: Job) {
        var job = first
        while true {
            job.work()
            let following = state.withLock { state in
                state.running -= 1
                if job.isSuspect { state.suspects -= 1 }
                return next(&state)
            }
            guard let following else { return }
            job = following
        }
    }

    /// Takes the next job, if a thread is free for it. Suspect clients together get half of the threads at most.
    private func next(_ state: inout State) -> Job? {
        guard state.running < workers,
            let job = state.queue.popFirst(takesSuspects: state.suspects < max(1, workers / 2))
        else { return nil }
        state.running += 1
        if job.isSuspect { state.suspects += 1 }
        return job
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
