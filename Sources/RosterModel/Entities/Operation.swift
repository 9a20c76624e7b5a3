/// A job of the operation log: its first event says who asked for what, its last one how it stands.
package struct Operation: Sendable, Equatable {
    package let id: JobID
    package let action: String
    package let owner: AccountID?
    package let submitter: String
    package let origin: String
    package let clusters: [ClusterID]
    package private(set) var resources: [String]
    package let createTime: Timestamp
    package let status: OperationEvent.Status
    package let statusTime: Timestamp
    package let error: RosterError.Code?
    package private(set) var message: String

    /// The job of two events, which are the same one where it has no other.
    package init(first: OperationEvent, last: OperationEvent) {
        id = first.job
        action = first.action
        owner = first.owner
        submitter = first.submitter
        origin = first.origin
        clusters = first.clusters
        resources = first.resources
        createTime = first.time
        status = last.status
        statusTime = last.time
        error = last.error
        message = last.message
    }

    /// The job without the names of clusters that may not be seen: one import may be about several.
    package func masked(for scope: OperationScope) -> Operation {
        guard !scope.isGlobal, clusters.count > 1 else { return self }
        let hidden = Set(clusters.filter { !scope.clusters.contains($0) }.map(\.text))
        guard !hidden.isEmpty else { return self }
        var job = self
        job.resources.removeAll { hidden.contains($0) }
        // It counts users of all of them.
        job.message = Self.maskedMessage
        return job
    }

    /// The message of a job that is about clusters that may not be seen.
    package static let maskedMessage = "about other clusters too"
}
