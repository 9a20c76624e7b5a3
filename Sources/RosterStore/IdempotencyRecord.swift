package import RosterModel

/// A signed write and its answer, remembered for as long as the request is valid: a repetition gets the first answer
/// and is not run again, on any replica (reference page, section 2, "Replay").
package struct IdempotencyRecord: Sendable, Equatable {
    /// Identifies the request: a digest of its signature.
    package let digest: [UInt8]
    /// The time until which a server accepts the request.
    package let expires: Timestamp
    /// The time until which a store remembers the record: longer, because an accepted request may wait for a while, and
    /// clocks of replicas differ.
    package var forgottenAfter: Timestamp { Timestamp(seconds: expires.seconds + Self.remembrance) }
    private static let remembrance: Int64 = 600
    /// The answer.
    package let outcome: Outcome

    /// The answer to a request.
    package enum Outcome: Sendable, Equatable {
        case done(JobID?)
        case refused(RosterError)

        /// Creates an outcome from its columns in a store. A code that only a newer version knows becomes an internal
        /// error.
        package init(job: String?, code: String?, message: String) {
            if let code {
                self = .refused(RosterError(.init(rawValue: code) ?? .internalError, message))
            } else {
                self = .done(job.map { JobID(stored: $0) })
            }
        }

        /// The outcome as columns of a store.
        package var columns: (job: String?, code: String?, message: String) {
            switch self {
            case .done(let job): (job?.text, nil, "")
            case .refused(let error): (nil, error.code.rawValue, error.message)
            }
        }
    }

    /// Creates a record from a store.
    package init(digest: [UInt8], forgottenAfter: Timestamp, outcome: Outcome) {
        self.init(
            digest: digest, expires: Timestamp(seconds: forgottenAfter.seconds - Self.remembrance), outcome: outcome)
    }

    /// Creates the record of a new request.
    package init(digest: [UInt8], expires: Timestamp, outcome: Outcome) {
        self.digest = digest
        self.expires = expires
        self.outcome = outcome
    }
}
