package import RosterModel
import RosterSnapshot

/// Folds events into jobs, in the order in which the jobs began.
package struct OperationFold: Sendable {
    package private(set) var operations: [Operation] = []
    private var places: [JobID: Int] = [:]

    package init() {}

    /// - Parameter event: later in the log than every one before.
    package mutating func add(_ event: OperationEvent) {
        guard let place = places[event.job] else {
            places[event.job] = operations.count
            operations.append(Operation(event))
            return
        }
        operations[place].status = event.status
        operations[place].statusTime = event.time
        operations[place].error = event.error
        operations[place].message = event.message
    }

    /// The jobs that `query` asks for, and how many there are in all.
    package func page(_ query: OperationQuery) -> (totalCount: Int, operations: [Operation]) {
        let word = query.searchWord.map { FoldedText($0) }
        // What is hidden from an answer must not be found by a filter either.
        var found =
            operations.lazy.filter(query.scope.shows).map(query.scope.masked).filter { job in
                guard query.jobs.isEmpty || query.jobs.contains(job.id),
                    query.status == nil || job.status == query.status,
                    query.action == nil || job.action == query.action,
                    query.resources.isEmpty || job.resources.contains(where: query.resources.contains),
                    query.owner == nil || job.owner == query.owner,
                    query.start.map({ job.createTime >= $0 }) ?? true, query.end.map({ job.createTime <= $0 }) ?? true
                else { return false }
                guard let word else { return true }
                return ([job.action, job.message] + job.resources).contains { FoldedText($0).contains(word) }
            } as [Operation]
        if query.isReversed { found.reverse() }
        return (found.count, Array(found.dropFirst(query.offset).prefix(query.limit)))
    }
}
