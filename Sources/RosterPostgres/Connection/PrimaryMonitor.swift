import Dispatch
import Glibc
import RosterModel
import Synchronization

/// Checks whether the server is reachable, and learns of commits by others. It uses a connection of its own that
/// listens to the commit channel and polls twice a second.
final class PrimaryMonitor: Sendable {
    private let address: ServerAddress
    private let health: ServerHealth
    private let queue = DispatchQueue(label: "roster.postgres.monitor")
    private let state = Mutex(State())
    /// The newest revision that was read by any connection; a notification of it or an earlier one needs no further
    /// read.
    let newestRead = Atomic<Int64>(0)

    private struct State {
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var lastID = 0
        var isPolling = false
    }

    /// The channel on which each commit announces its revision.
    static let channel = "roster_revision"
    /// How often the server is polled if it sends no notification.
    private static let interval = Duration.milliseconds(500)
    /// How long the server may take to answer before it counts as away; the query reads one row.
    static let patience = Duration.seconds(2)
    private static let retryPause: UInt32 = 250_000

    init(_ address: ServerAddress, health: ServerHealth) {
        self.address = address
        self.health = health
    }

    /// A stream with one element at once and one whenever there may be something new to read, until its reader is
    /// cancelled.
    func changeNotifications() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (id, isFirst) = state.withLock { state in
            state.lastID += 1
            state.listeners[state.lastID] = continuation
            defer { state.isPolling = true }
            return (state.lastID, !state.isPolling)
        }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.listeners[id] = nil } }
        continuation.yield()
        if isFirst { queue.async { [weak self] in self?.poll() } }
        return stream
    }

    private func notifyListeners() {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
    }

    /// Whether anything listens; if nothing does, polling stops.
    private func hasListeners() -> Bool {
        state.withLock { state in
            state.isPolling = !state.listeners.isEmpty
            return state.isPolling
        }
    }

    private func poll() {
        var connection: ServerConnection?
        var search = PrimaryLocator(address.hosts)
        var asked = ContinuousClock.now - Self.interval
        while hasListeners() {
            do throws(ServerError) {
                let open: ServerConnection
                if let connection {
                    open = connection
                } else {
                    open = try search.connect { host throws(ServerError) in
                        let made = try ServerConnection(address, .lookups, to: host, health: health, isMonitor: true)
                        try made.run("LISTEN \(Self.channel)")
                        return made
                    }
                    connection = open
                    health.markUp(at: search.found)
                    notifyListeners()
                }
                if let revision = open.newestNotified(), revision > newestRead.load(ordering: .relaxed) {
                    notifyListeners()
                }
                if asked.duration(to: .now) >= Self.interval {
                    let answer = try open.run(Schema.revision)
                    asked = .now
                    if answer.number(0, 0) != newestRead.load(ordering: .relaxed) { notifyListeners() }
                }
                try open.listen(milliseconds: 500)
            } catch {
                if connection != nil { search.markUnresponsive() }
                connection = nil
                health.markDown(Self.cause(error))
                notifyListeners()
                usleep(Self.retryPause)
            }
        }
        health.markUp(at: nil)
    }

    private static func cause(_ error: ServerError) -> String {
        switch error {
        case .lost(let cause): cause
        case .refused(let state, let message): "\(message) (SQLSTATE \(state))"
        }
    }
}
