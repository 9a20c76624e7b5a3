package import Logging
import RosterModel
import Synchronization

/// Logs refused logins and signatures, with the reason that the client is not told.
///
/// Who guesses cannot fill the disk: a minute has about 60 lines about one client and 600 in all. The others are
/// counted, and the next line says how many there were.
package final class RefusalLog: Sendable {
    private static let linesOfClient = 60
    private static let lines = 600
    private static let period = 60

    private let clients: RateLimiter<String>
    private let all: RateLimiter<Bool>
    private let unlogged = Atomic<Int>(0)

    /// - Parameter start: no later than the first `now`.
    package init(start: ContinuousClock.Instant = .now) {
        func limit(_ calls: Int) -> RateSetting { (try? RateSetting(calls: calls, seconds: Self.period)) ?? .failures }
        clients = RateLimiter(limit(Self.linesOfClient), maximumKeys: 10_000, start: start)
        all = RateLimiter(limit(Self.lines), start: start)
    }

    /// Logs one refusal at `info`, or counts it if there were too many.
    /// - Parameters:
    ///   - event: the text of the line, the same for all refusals of a kind.
    ///   - client: the client's address, without a port.
    ///   - name: the key or user that the client named; nil if it named none.
    ///   - reason: a word or a sentence for the administrator.
    ///   - more: more fields of the line.
    package func log(
        _ event: Logger.Message, client: String, name: String?, reason: String, more: Logger.Metadata = [:],
        to logger: Logger, now: ContinuousClock.Instant = .now
    ) {
        guard logger.logLevel <= .info else { return }
        guard clients.consume(client, now: now) == .allowed, all.consume(true, now: now) == .allowed else {
            unlogged.add(1, ordering: .relaxed)
            return
        }
        var fields = more
        fields["client"] = "\(client.sanitizedForDisplay())"
        fields["name"] = "\(name.map { $0.sanitizedForDisplay(limit: 128) } ?? "-")"
        fields["reason"] = "\(reason.sanitizedForDisplay(limit: 200))"
        let count = unlogged.exchange(0, ordering: .relaxed)
        if count > 0 { fields["unlogged"] = "\(count)" }
        logger.info(event, metadata: fields)
    }
}
