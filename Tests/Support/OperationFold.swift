package import RosterModel

/// The jobs of an operation log in the plainest words: what the answers of the stores are compared with.
package struct OperationFold {
    private var events: [JobID: (first: OperationEvent, last: OperationEvent)] = [:]
    private var order: [JobID] = []

    package init(_ events: some Sequence<OperationEvent>) {
        for event in events {
            if self.events[event.job] == nil { order.append(event.job) }
            self.events[event.job, default: (event, event)].last = event
        }
    }

    /// All jobs, in the order in which they began.
    package var operations: [Operation] {
        order.compactMap { events[$0] }.map { Operation(first: $0.first, last: $0.last) }
    }

    /// The jobs that `query` asks for, and how many there are in all.
    package func page(_ query: OperationQuery) -> OperationPage {
        let scope = query.scope
        let word = query.searchWord.map { FoldedText($0) }
        // What is hidden from an answer must not be found by a filter either.
        var found = operations.filter { shows($0, scope) }.filter { job in
            guard let cluster = query.cluster else { return true }
            let isHidden = !scope.isGlobal && job.clusters.count > 1 && !scope.clusters.contains(cluster)
            return job.clusters.contains(cluster) && !isHidden
        }.map { $0.masked(for: scope) }.filter { job in
            guard query.jobs.isEmpty || query.jobs.contains(job.id),
                query.status == nil || job.status == query.status,
                query.action == nil || job.action.lowercased() == query.action?.lowercased(),
                query.resources.isEmpty || job.resources.contains(where: query.resources.contains),
                query.userWords.map({ job.resources.contains(where: $0.contains) }) ?? true,
                query.owner == nil || job.owner == query.owner,
                query.start.map({ job.createTime >= $0 }) ?? true, query.end.map({ job.createTime <= $0 }) ?? true
            else { return false }
            guard let word else { return true }
            return ([job.action, job.message] + job.resources).contains { FoldedText($0).contains(word) }
        }
        if query.isReversed { found.reverse() }
        return OperationPage(
            totalCount: found.count, operations: Array(found.dropFirst(query.offset).prefix(query.limit)))
    }

    private func shows(_ job: Operation, _ scope: OperationScope) -> Bool {
        guard
            job.clusters.contains(where: scope.zone.contains) || !job.clusters.contains(where: scope.elsewhere.contains)
        else { return false }
        return scope.isGlobal || job.clusters.contains(where: scope.clusters.contains)
            || scope.account != nil && job.owner == scope.account
    }
}
