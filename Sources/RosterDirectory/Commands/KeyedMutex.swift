import RosterModel
import RosterStore
import Synchronization

/// Serializes commands with the same key, in order of arrival. This only saves work: the store detects conflicts with
/// commands of other processes.
final class KeyedMutex: Sendable {
    /// The waiting commands, by the key of a running command.
    private let waiting = Mutex<[Key: [CheckedContinuation<Void, Never>]]>([:])

    /// What a command is about: a user, a group, a cluster, or something that all clusters share.
    struct Key: Hashable {
        let cluster: ClusterID?
        let key: String
    }

    /// Runs `work` while no other command with this key runs.
    func wait<Value>(
        for key: Key, _ work: () async throws(RosterError) -> Value
    ) async throws(RosterError) -> Value {
        await withCheckedContinuation { turn in
            let isFree = waiting.withLock { waiting in
                guard waiting[key] != nil else {
                    waiting[key] = []
                    return true
                }
                waiting[key]?.append(turn)
                return false
            }
            if isFree { turn.resume() }
        }
        defer { next(for: key) }
        return try await work()
    }

    private func next(for key: Key) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard var queue = waiting[key], !queue.isEmpty else {
                waiting[key] = nil
                return nil
            }
            defer { waiting[key] = queue }
            return queue.removeFirst()
        }
        next?.resume()
    }
}
