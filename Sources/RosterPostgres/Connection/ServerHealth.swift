import Synchronization

/// State shared by all connections of a store: whether the primary is reachable, at which host, and on which timeline.
///
/// A connection to a stopped server, or across a cut network, stays open and silent for minutes. A call that waits on
/// one checks here, and gives up if the monitor gets no answer either.
final class ServerHealth: Sendable {
    private let state = Mutex(State())

    private struct State {
        var cause: String?
        var host: ServerAddress.Host?
        var timeline: UInt32 = 0
    }

    /// Why the server cannot be reached; nil while it can, or while nothing monitors it.
    var cause: String? { state.withLock(\.cause) }

    /// The host at which the monitor found the primary, so that no other connection waits for silent hosts; nil while
    /// nothing monitors it.
    var host: ServerAddress.Host? { state.withLock(\.host) }

    func markDown(_ cause: String) {
        state.withLock { state in
            state.cause = cause
            state.host = nil
        }
    }

    /// - Parameter host: where the server is; nil once nothing monitors it.
    func markUp(at host: ServerAddress.Host?) {
        state.withLock { state in
            state.cause = nil
            state.host = host
        }
    }

    /// Whether a server on this timeline may be used. Each failover begins a timeline. A server on an older one than
    /// was seen before is a primary that was left behind, and its data is stale.
    /// - Parameter timeline: 0 for a standby, whose timeline is not queried.
    func accepts(timeline: UInt32) -> Bool {
        state.withLock { state in
            state.timeline = max(state.timeline, timeline)
            return timeline == state.timeline || timeline == 0
        }
    }
}
