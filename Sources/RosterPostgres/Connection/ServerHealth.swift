import Synchronization

/// What all connections of a store know together of the server: whether it can be reached, where it was found, and which history
/// it is of.
///
/// A connection to a server that has stopped, or behind a network that is cut, stays open and silent for minutes. What waits
/// on one looks here, and gives up where the pulse has heard nothing either.
final class ServerHealth: Sendable {
    private let state = Mutex(State())

    private struct State {
        var cause: String?
        var host: ServerAddress.Host?
        var timeline: UInt32 = 0
    }

    /// Why the server cannot be reached; nil while it can, or while nobody asks.
    var cause: String? { state.withLock(\.cause) }

    /// Where the pulse has found the server, so that nobody else waits for hosts that are silent; nil while nobody asks.
    var host: ServerAddress.Host? { state.withLock(\.host) }

    func cut(_ cause: String) {
        state.withLock { state in
            state.cause = cause
            state.host = nil
        }
    }

    /// - Parameter host: where the server is; nil where nobody asks any more.
    func mend(at host: ServerAddress.Host?) {
        state.withLock { state in
            state.cause = nil
            state.host = host
        }
    }

    /// Whether a server of this timeline may be used. A timeline begins with each failover: a server of an older one than was
    /// seen before is a primary that was left behind, and what it says is no longer true.
    /// - Parameter timeline: 0 for a standby, whose is not asked for.
    func admits(timeline: UInt32) -> Bool {
        state.withLock { state in
            state.timeline = max(state.timeline, timeline)
            return timeline == state.timeline || timeline == 0
        }
    }
}
