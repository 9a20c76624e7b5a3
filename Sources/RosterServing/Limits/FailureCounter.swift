package import RosterModel

/// Counts failed signatures and passwords per address and per name, and decides when there are too many.
///
/// Call it only **after** verifying a signature or password, and only if it was wrong. Valid requests never get here,
/// so that no client can lock out another, neither from a shared address nor by failing under another's name. The worst
/// an attacker can cause is that wrong attempts of others are answered with 2500 instead of 1200.
///
/// Names are counted whether or not such a key or user exists, so that the answer does not reveal which exist. Failures
/// that the address limit refuses are not counted for the name: a single address cannot flood the table of names.
package struct FailureCounter: Sendable {
    /// An address as it is counted.
    private enum Origin: Hashable {
        /// An IPv4 address, or the first 64 bits of an IPv6 address: a host usually has 2⁶⁴ of those, and with a limit
        /// for each would never reach one.
        case network(IPAddress)
        /// Text that is not an IP address, such as the path of a socket.
        case other(String)
    }

    /// Names come from strangers, so only this many bytes of each are stored. No real key or user name is that long.
    private static let keptBytes = 128

    private let addresses: RateLimiter<Origin>
    private let names: RateLimiter<String>

    /// Creates a limiter.
    /// - Parameters:
    ///   - setting: the number of failures and the period, for each address and each name.
    ///   - maximumKeys: the maximum number of addresses, and of names, that are stored (`RateLimiter`).
    ///   - start: no later than the first `now`.
    package init(
        _ setting: RateSetting = .failures, maximumKeys: Int = 100_000, start: ContinuousClock.Instant = .now
    ) {
        addresses = RateLimiter(setting, maximumKeys: maximumKeys, start: start)
        names = RateLimiter(setting, maximumKeys: maximumKeys, start: start)
    }

    /// The name under which wrong passwords of a user are counted, whichever server they reach.
    package static func name(ofUser username: String, in cluster: ClusterID) -> String {
        "user \(cluster) \(Username.key(of: username))"
    }

    /// Whether a failure now would exceed a limit. It counts nothing, so concurrent requests may all get false; the
    /// answer that counts is that of `recordFailure`.
    package func isBlocked(address: String, name: String?, now: ContinuousClock.Instant) -> Bool {
        let decision = addresses.peek(Self.origin(address), now: now)
        return decision != .allowed || peek(name, now: now) != .allowed
    }

    /// The client at `address` as passwords are hashed for it: suspect once the address has failed too often. Failures
    /// for a name do not count here, since others cause them.
    package func hashingClient(address: String, now: ContinuousClock.Instant) -> QueueClient {
        let origin = Self.origin(address)
        let name =
            switch origin {
            case .network(let network): network.description
            case .other(let text): text
            }
        return QueueClient(name, isSuspect: isBlocked(address: address, name: nil, now: now))
    }

    /// Counts one failed signature or password.
    /// - Parameters:
    ///   - address: the client's address from `TrustedProxies.client`.
    ///   - name: the access key id or user name in the request, or nil if it had none. The caller must make key ids and
    ///     user names distinct if they could be confused.
    /// - Returns: `.allowed` if the failure is to be reported as such; `.refused` if it exceeds a limit and is answered
    ///   with 2500.
    package func recordFailure(address: String, name: String?, now: ContinuousClock.Instant) -> RateDecision {
        let decision = addresses.consume(Self.origin(address), now: now)
        guard decision == .allowed else { return decision.and(peek(name, now: now)) }
        return name.map { names.consume(Self.kept($0), now: now) } ?? .allowed
    }

    private func peek(_ name: String?, now: ContinuousClock.Instant) -> RateDecision {
        name.map { names.peek(Self.kept($0), now: now) } ?? .allowed
    }

    private static func origin(_ address: String) -> Origin {
        guard let parsed = IPAddress(address) else { return .other(kept(address)) }
        return .network(parsed.isIPv4 ? parsed : parsed.network(prefix: 64))
    }

    private static func kept(_ name: String) -> String {
        guard name.utf8.count > keptBytes else { return name }
        return String(decoding: name.utf8.prefix(keptBytes), as: UTF8.self)
    }
}
