package import RosterModel

/// A job: what its events fold to.
package struct Operation: Sendable, Equatable {
    package let id: JobID
    package let action: String
    package let owner: AccountID?
    package let submitter: String
    package let origin: String
    package let clusters: [ClusterID]
    package internal(set) var resources: [String]
    package let createTime: Timestamp
    package internal(set) var status: OperationEvent.Status
    package internal(set) var statusTime: Timestamp
    package internal(set) var error: RosterError.Code?
    package internal(set) var message: String

    init(_ event: OperationEvent) {
        id = event.job
        action = event.action
        owner = event.owner
        submitter = event.submitter
        origin = event.origin
        clusters = event.clusters
        resources = event.resources
        createTime = event.time
        status = event.status
        statusTime = event.time
        error = event.error
        message = event.message
    }
}
