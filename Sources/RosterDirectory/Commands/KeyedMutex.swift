import RosterModel
import RosterStore
import Synchronization

/// Lets orders about the same thing wait for each other, first come first served. It spares work and decides nothing: what
/// another process orders is noticed by the store.
final class KeyedMutex: Sendable {
    /// Those who wait, for each thing that an order is at work on.
    private let waiting = Mutex<[Key: [CheckedContinuation<Void, Never>]]>([:])

    /// What an order is about: a user, or a cluster.
    struct Key: Hashable {
        let cluster: ClusterID
        let key: String
    }

    /// Does `work` when no other order about `thing` is at work.
    func wait<Value>(
        for thing: Key, _ work: () async throws(RosterError) -> Value
    ) async throws(RosterError) -> Value {
        await withCheckedContinuation { turn in
            let isFree = waiting.withLock { waiting in
                guard waiting[thing] != nil else {
                    waiting[thing] = []
                    return true
                }
                waiting[thing]?.append(turn)
                return false
            }
            if isFree { turn.resume() }
        }
        defer { next(for: thing) }
        return try await work()
    }

    private func next(for thing: Key) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard var line = waiting[thing], !line.isEmpty else {
                waiting[thing] = nil
                return nil
            }
            defer { waiting[thing] = line }
            return line.removeFirst()
        }
        next?.resume()
    }
}
