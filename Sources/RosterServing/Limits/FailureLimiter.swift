import RosterModel

/// Counts failed signatures and passwords for each address and for each name, and says when there are too many.
///
/// It is asked **after** a signature or password was verified, and only where it was wrong: a valid request never comes
/// here, so that nobody can shut another out, neither from a shared address nor by failing under another's name. All
/// that an attacker can bring about is that the wrong attempts of others are told 2500 in place of 1200.
///
/// Names are counted whether or not there is such a key or user, so that the answer does not tell which there are. What
/// is refused by the address is not counted for the name: one address alone cannot flood the table of names.
package struct FailureLimiter: Sendable {
    /// What counts as one address.
    private enum Origin: Hashable {
        /// An IPv4 address, or the first 64 bits of an IPv6 one: one host is commonly given 2⁶⁴ of those, and would
        /// never meet a limit for each.
        case network(IPAddress)
        /// No address that can be read: the path of a socket, say.
        case other(String)
    }

    /// Names come from strangers: what is kept of one is bounded. No real key or user name is so long.
    private static let keptBytes = 128

    private let addresses: RateLimiter<Origin>
    private let names: RateLimiter<String>

    /// - Parameters:
    ///   - setting: how many failures in which time, for an address and for a name each.
    ///   - maximumKeys: how many addresses, and how many names, are kept (`RateLimiter`).
    ///   - start: no later than the first `now`.
    package init(
        _ setting: RateSetting = .failures, maximumKeys: Int = 100_000, start: ContinuousClock.Instant = .now
    ) {
        addresses = RateLimiter(setting, maximumKeys: maximumKeys, start: start)
        names = RateLimiter(setting, maximumKeys: maximumKeys, start: start)
    }

    /// Whether a failure now would be one too many. Counts nothing, so two requests at once may both be told no;
    /// the answer to count on is that of `recordFailure`.
    package func isBlocked(address: String, name: String?, now: ContinuousClock.Instant) -> Bool {
        let decision = addresses.peek(Self.origin(address), now: now)
        return decision != .allowed || peek(name, now: now) != .allowed
    }

    /// Counts one failed signature or password.
    /// - Parameters:
    ///   - address: the client's, as `TrustedProxies.client` gives it.
    ///   - name: the access key id or user name that was given, or nil where there was none. Key ids and user names are
    ///     told apart by the caller, where they must be.
    /// - Returns: `.allowed` where the failure is answered as what it is, `.refused` where it is one too many and is
    ///   answered 2500.
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
