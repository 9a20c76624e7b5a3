import RosterModel

/// What a limiter says to one call.
package enum RateDecision: Sendable, Hashable {
    /// The call is within the limit.
    case allowed
    /// The call is over it. Whoever waits `retryAfterSeconds` (at least 1) and finds nobody else at the same bucket may
    /// make one call then. It is what `Retry-After` says beside code 2500.
    case refused(retryAfterSeconds: Int)

    /// What to wait before both `self` and `other` allow: the longer of two waits.
    func and(_ other: RateDecision) -> RateDecision {
        switch (self, other) {
        case (.allowed, _): other
        case (_, .allowed): self
        case (.refused(let one), .refused(let another)): .refused(retryAfterSeconds: max(one, another))
        }
    }
}
