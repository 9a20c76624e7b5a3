import RosterModel

/// The decision of a limiter on one call.
package enum RateDecision: Sendable, Hashable {
    /// The call is within the limit.
    case allowed
    /// The call is over the limit. A caller that waits `retryAfterSeconds` (at least 1) may then make one call, unless
    /// another uses the same bucket first. `Retry-After` has this value beside code 2500.
    case refused(retryAfterSeconds: Int)

    /// The decision if both must allow: the longer of two waits.
    func and(_ other: RateDecision) -> RateDecision {
        switch (self, other) {
        case (.allowed, _): other
        case (_, .allowed): self
        case (.refused(let one), .refused(let another)): .refused(retryAfterSeconds: max(one, another))
        }
    }
}
