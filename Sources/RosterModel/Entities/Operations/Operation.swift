/// A job of the operation log. Its first event says who asked for what, its last event gives the status.
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

    /// Creates a job from its first and its last event, which may be the same one.
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

    /// The job without the clusters outside `scope`: an import may cover several.
    package func masked(for scope: OperationScope) -> Operation {
        guard !scope.isGlobal, clusters.count > 1 else { return self }
        let hidden = Set(clusters.filter { !scope.clusters.contains($0) }.map(\.text))
        guard !hidden.isEmpty else { return self }
        var job = self
        job.resources.removeAll { hidden.contains($0) }
        // The message counts the users of all clusters.
        job.message = Self.maskedMessage
        return job
    }

    /// Replaces the message of a job that is also about clusters outside the caller's scope.
    package static let maskedMessage = "about other clusters too"
}
