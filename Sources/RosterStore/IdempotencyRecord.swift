package import RosterModel

/// A signed write and its answer, remembered for as long as the request's time is valid: the same request again gets the
/// first answer and is not run again, on any replica (reference page, section 2, "Replay").
package struct IdempotencyRecord: Sendable, Equatable {
    /// What tells the request from every other: a digest of its signature.
    package let digest: [UInt8]
    /// Until when a server may still take the request.
    package let expires: Timestamp
    /// Until when a store remembers it: longer, because a request that was taken may wait for a while, and clocks of
    /// replicas differ.
    package var forgottenAfter: Timestamp { Timestamp(seconds: expires.seconds + Self.remembrance) }
    private static let remembrance: Int64 = 600
    /// What became of it.
    package let outcome: Outcome

    package enum Outcome: Sendable, Equatable {
        case done(JobID?)
        case refused(RosterError)

        /// Of the columns that stores keep. A code that only a newer program knows is an internal error here.
        package init(job: String?, code: String?, message: String) {
            if let code {
                self = .refused(RosterError(.init(rawValue: code) ?? .internalError, message))
            } else {
                self = .done(job.map { JobID(stored: $0) })
            }
        }

        /// The columns that stores keep.
        package var columns: (job: String?, code: String?, message: String) {
            switch self {
            case .done(let job): (job?.text, nil, "")
            case .refused(let error): (nil, error.code.rawValue, error.message)
            }
        }
    }

    /// The request as a store remembers it.
    package init(digest: [UInt8], forgottenAfter: Timestamp, outcome: Outcome) {
        self.init(
            digest: digest, expires: Timestamp(seconds: forgottenAfter.seconds - Self.remembrance), outcome: outcome)
    }

    package init(digest: [UInt8], expires: Timestamp, outcome: Outcome) {
        self.digest = digest
        self.expires = expires
        self.outcome = outcome
    }
}
