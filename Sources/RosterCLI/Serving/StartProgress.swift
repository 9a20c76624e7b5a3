import RosterModel
import Synchronization

/// What the start of a server waits for: `GET /health/ready` and systemd are told it.
final class StartProgress: Sendable {
    /// The steps of a start.
    enum Stage {
        case opening
        /// The store cannot be reached, since then.
        case waiting(since: Timestamp)
        case loading(users: Int)
    }

    /// Names the store for everybody.
    private let place: String
    private let state = Mutex(Stage.opening)

    /// - Parameter place: names the store for everybody, without an account or a password.
    init(place: String) { self.place = place }

    /// Since when the store is waited for; nil if it is not.
    var waitingSince: Timestamp? {
        if case .waiting(let since) = state.withLock(\.self) { since } else { nil }
    }

    /// One line without secrets.
    var message: String {
        switch state.withLock(\.self) {
        case .opening: "opening \(place)"
        case .waiting(let since): "waiting for \(place) since \(since)"
        case .loading(0): "loading the directory"
        case .loading(let users): "loading the directory, \(users) users so far"
        }
    }

    /// The store was not reached.
    func waits(now: Timestamp) {
        state.withLock { stage in
            if case .waiting = stage { return }
            stage = .waiting(since: now)
        }
    }

    /// The store is read.
    func loads(users: Int) { state.withLock { $0 = .loading(users: users) } }
}
