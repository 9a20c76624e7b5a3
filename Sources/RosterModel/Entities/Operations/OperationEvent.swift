/// An event of the operation log. Events are appended and never changed; the status of a job is what its events add up
/// to.
package struct OperationEvent: Sendable, Equatable {
    package var job: JobID
    package var time: Timestamp
    /// The API's action (`AddUser`) or the local command's (`ImportUsers`).
    package var action: String
    /// The account whose key signed the request; nil for the local command line.
    package var owner: AccountID?
    /// The submitter: an access key id, `user:NAME` for a user who bound with a password, or `os:NAME` for a user of
    /// the operating system.
    package var submitter: String
    /// The origin: an address, `ldap:` and an address, or `local`.
    package var origin: String
    package var clusters: [ClusterID]
    /// The identifiers of what the command acted on. An import names its clusters, not its users.
    package var resources: [String]
    package var status: Status
    /// Why the command was refused or failed; nil on success.
    package var error: RosterError.Code?
    /// One line, safe to show.
    package var message: String

    /// The status of a job after the event.
    package enum Status: String, Sendable, Hashable, CaseIterable {
        case pending
        case successful
        case failed
    }

    /// Creates an event.
    package init(
        job: JobID, time: Timestamp, action: String, owner: AccountID? = nil, submitter: String, origin: String,
        clusters: [ClusterID] = [], resources: [String] = [], status: Status, error: RosterError.Code? = nil,
        message: String = ""
    ) {
        self.job = job
        self.time = time
        self.action = action
        self.owner = owner
        self.submitter = submitter
        self.origin = origin
        self.clusters = clusters
        self.resources = resources
        self.status = status
        self.error = error
        self.message = message
    }

    /// The bytes that the chain covers: every field preceded by its length, so that no two events have the same bytes.
    package func chainedBytes(sequence: Int64) -> [UInt8] {
        var bytes: [UInt8] = [1]  // version of this layout
        func append(_ text: String) {
            append(number: Int64(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
        func append(number: Int64) {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: number >> Int64(shift)))
            }
        }
        append(number: sequence)
        append(job.text)
        append(number: time.seconds)
        append(action)
        append(owner?.text ?? "")
        append(submitter)
        append(origin)
        append(number: Int64(clusters.count))
        for cluster in clusters { append(cluster.text) }
        append(number: Int64(resources.count))
        for resource in resources { append(resource) }
        append(status.rawValue)
        append(error?.rawValue ?? "")
        append(message)
        return bytes
    }
}

/// An event as stores hold it.
package struct LoggedEvent: Sendable, Equatable {
    /// Counts events from 1, without gaps.
    package let sequence: Int64
    package let event: OperationEvent
    /// The chain's code for this event, 32 bytes.
    package let code: [UInt8]

    /// Creates an event from its stored parts.
    package init(sequence: Int64, event: OperationEvent, code: [UInt8]) {
        self.sequence = sequence
        self.event = event
        self.code = code
    }
}
