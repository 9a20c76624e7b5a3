/// Runs an order to its end: judges it at the newest snapshot, commits, logs, and answers a repeated request as it was
/// answered first. What an order is and does is its owner's business.
package struct OrderRunner: Sendable {
    let directory: Directory
    private let line = OrderLine()

    /// How often an order is judged again where others commit at the same moment, before the caller is told to try later.
    private static let attempts = 50

    package init(directory: Directory) {
        self.directory = directory
    }

    /// What the operation log calls an order.
    struct Description: Sendable {
        let action: String
        let cluster: ClusterID
        /// What it is about: a name, or the cluster's identifier.
        let resource: String

        var thing: OrderLine.Thing { .init(cluster: cluster, key: Username.key(of: resource)) }
    }

    /// An order that may be carried out, as judged at one snapshot.
    struct Prepared: Sendable {
        /// Without events, request and expectations, which are added here.
        var change: Change
        /// What the judgement stood on beside the asker's rights, which are added here.
        var expectations: Expectations
        /// One line for the operation log.
        var summary: String
        /// A further identifier of what the order is about.
        var resource: String?
        /// Whether a step is left for after the commit, whose end is logged then.
        var staysPending = false
    }

    /// Carries an order out and answers with its job.
    ///
    /// What is refused enters the operation log too, except where Roster itself is at fault or busy: those may be asked
    /// again.
    /// - Parameter prepare: judges the order; called again where somebody else committed meanwhile.
    /// - Throws: what `prepare` throws, `alreadyExists`, `busy`, `readOnly`, `internalError`.
    /// - Parameters:
    ///   - followUp: called with the job and what was prepared, once it is committed; not for a repeated request.
    ///   - doubt: called where the order may have been committed without a call of `followUp`: the store went away
    ///     meanwhile, or an earlier request did it, maybe another server's.
    func run(
        _ order: Description, by asker: Asker, prepare: (Snapshot, Asker) async throws(RosterError) -> Prepared,
        followUp: (JobID, Prepared) -> Void = { _, _ in }, doubt: () -> Void = {}
    ) async throws(RosterError) -> JobID {
        let job = JobID.make()
        do {
            // Of orders about one thing all but one would be judged, and their passwords hashed, in vain.
            return try await line.wait(for: order.thing) { () async throws(RosterError) in
                try await attempt(order, by: asker, job: job, prepare: prepare, followUp: followUp, doubt: doubt)
            }
        } catch {
            switch error.code {
            case .busy, .readOnly, .internalError: throw error
            default: return try await refuse(order, error, by: asker, job: job, doubt: doubt)
            }
        }
    }

    private func attempt(
        _ order: Description, by asker: Asker, job: JobID,
        prepare: (Snapshot, Asker) async throws(RosterError) -> Prepared, followUp: (JobID, Prepared) -> Void,
        doubt: () -> Void
    ) async throws(RosterError) -> JobID {
        for _ in 0..<Self.attempts {
            let snapshot = directory.snapshot
            // Rights may have been taken away since the request came.
            let asker = try asker.renewed(in: snapshot, now: directory.now)
            let prepared = try await prepare(snapshot, asker)
            var change = prepared.change
            change.expectations = prepared.expectations
            // Preparing takes time, a hash 16 ms: rights that are taken away meanwhile are noticed by their rows.
            change.expectations?.expect(users: asker.rows(in: snapshot, behind: order.cluster), keys: [asker.key])
            change.events = [
                event(order, asker, job: job, status: .pending, resource: prepared.resource, message: "asked"),
                event(
                    order, asker, job: job, status: prepared.staysPending ? .pending : .successful,
                    resource: prepared.resource, message: prepared.summary),
            ]
            change.request = AnsweredRequest(digest: asker.digest, expires: asker.expires, outcome: .done(job))
            do throws(StoreFailure) {
                try await directory.commit(change)
                followUp(job, prepared)
                return job
            } catch {
                switch error {
                case .outdated: await directory.refresh()
                case .answered(let outcome): return try await repeated(outcome, doubt: doubt)
                case .uncertain:
                    doubt()
                    throw error.shown
                default: throw error.shown
                }
            }
        }
        throw StoreFailure.busy.shown
    }

    private func refuse(
        _ order: Description, _ error: RosterError, by asker: Asker, job: JobID, doubt: () -> Void
    ) async throws(RosterError) -> JobID {
        var change = Change(time: directory.now)
        change.events = [event(order, asker, job: job, status: .failed, error: error, message: error.message)]
        change.request = AnsweredRequest(digest: asker.digest, expires: asker.expires, outcome: .refused(error))
        do throws(StoreFailure) {
            try await directory.commit(change)
        } catch .answered(let outcome) {
            return try await repeated(outcome, doubt: doubt)
        } catch {
            throw error.shown
        }
        throw error
    }

    private func repeated(_ outcome: AnsweredRequest.Outcome, doubt: () -> Void) async throws(RosterError) -> JobID {
        switch outcome {
        case .done(let job?):
            // It may have been another server that did it: who wrote, reads it here too.
            await directory.refresh()
            doubt()
            return job
        case .done(nil): throw RosterError(.internalError, "the same request was answered before, by another call")
        case .refused(let error): throw error
        }
    }

    /// A resource is one word of the log.
    static func word(_ resource: String) -> String {
        resource.shown().replacing(" ", with: "?")
    }

    private func event(
        _ order: Description, _ asker: Asker, job: JobID, status: OperationEvent.Status,
        resource: String? = nil, error: RosterError? = nil, message: String
    ) -> OperationEvent {
        OperationEvent(
            job: job, time: directory.now, action: order.action, owner: asker.account, submitter: asker.key.text,
            origin: asker.origin, clusters: [order.cluster],
            resources: [Self.word(order.resource)] + (resource.map { [$0] } ?? []),
            status: status, error: error?.code, message: message)
    }
}
