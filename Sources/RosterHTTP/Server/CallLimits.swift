import RosterDirectory
import RosterModel
import RosterServing

/// The limits on calls: the rate of a key, and the failures of an address or name.
struct CallLimits: Sendable {
    private let calls: RateLimiter<AccessKeyID>
    private let failures = FailureCounter()
    private let proxies: SharedValue<TrustedProxies>

    init(setting: RateSetting, proxies: TrustedProxies) {
        calls = RateLimiter(setting)
        self.proxies = SharedValue(proxies)
    }

    /// Sets the rate and the proxies of a running server. A rate that is new gives every key all its calls again.
    func change(setting: RateSetting, proxies: TrustedProxies) {
        calls.change(to: setting)
        if proxies != self.proxies.value { self.proxies.set(proxies) }
    }

    /// Whether an address is that of a trusted proxy.
    func isProxy(_ address: String) -> Bool { proxies.value.contains(address) }

    /// Too many calls, and the seconds to wait.
    struct RateLimitExceededError: Error {
        let error: RosterError
        let retryAfter: Int
    }

    /// The address of the client: the peer's, or the one that a trusted proxy reports.
    func origin(peer: String, forwardedFor: [String]) -> String {
        proxies.value.client(peer: peer, forwardedFor: forwardedFor)
    }

    /// Counts a call whose signature and time are valid. Operator and reader keys have no limit.
    /// - Parameter principal: the principal of `key`.
    func count(_ key: AccessKeyID, of principal: Principal) throws(RateLimitExceededError) {
        guard case .account = principal, case .refused(let seconds) = calls.consume(key, now: .now) else { return }
        throw RateLimitExceededError(
            error: RosterError(
                .quotaExceeded, .accessKey,
                "more than \(calls.setting) calls (calls/seconds), try again in \(seconds) s"),
            retryAfter: seconds)
    }

    /// Counts a wrong signature or password.
    /// - Parameter name: the key or user that the client named.
    func countFailure(origin: String, name: String) throws(RateLimitExceededError) {
        guard case .refused(let seconds) = failures.recordFailure(address: origin, name: name, now: .now) else {
            return
        }
        throw RateLimitExceededError(
            error: RosterError(
                .quotaExceeded, "signature or password: too many wrong ones, try again in \(seconds) s"),
            retryAfter: seconds)
    }
}
