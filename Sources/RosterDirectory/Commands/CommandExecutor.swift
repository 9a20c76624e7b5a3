import RosterModel
import RosterSnapshot
import RosterStore

/// Executes a command: plans it at the newest snapshot, commits it with its events, and answers a repeated request with
/// the first response. The handlers know what each command does.
package struct CommandExecutor: Sendable {
    let directory: Directory
    private let mutex = KeyedMutex()

    /// How often a command is replanned because of concurrent commits before the caller gets `busy`.
    static let attempts = 50

    /// An executor that commits to `directory`.
    package init(directory: Directory) {
        self.directory = directory
    }

    /// How the operation log names a command.
    struct AuditInfo: Sendable {
        let action: String
        /// Nil for a command about the whole directory.
        let cluster: ClusterID?
        /// What the command is about: a name, or the cluster's identifier.
        let resource: String

        var key: KeyedMutex.Key { .init(cluster: cluster, key: Username.key(of: resource)) }
    }

    /// A command that was authorized and validated at one snapshot.
    struct PreparedCommand: Sendable {
        /// Without events, idempotency record and the actor's preconditions, which the executor adds.
        var change: Change
        /// What the plan relies on; the executor adds what the actor's rights rely on.
        var preconditions: Preconditions
        /// One line for the operation log.
        var summary: String
        /// Further names and identifiers of what the command is about.
        var resources: [String] = []
        /// Whether a step follows the commit; the log records success only after that step.
        var staysPending = false
    }

    /// Executes a command and returns its job.
    ///
    /// A refusal enters the operation log too, unless Roster itself failed or was busy: the client may send such a
    /// request again. Of a reader key's refusals, only some do (`ReaderRefusals`).
    /// - Parameters:
    ///   - prepare: plans the command; called again after concurrent commits.
    ///   - followUp: called with the job and its revision after the commit, but not for a repeated request. The
    ///     revision may not be published yet.
    ///   - onUncertainOutcome: called when the command may have been committed without `followUp` having run: the
    ///     outcome is unknown, or an earlier identical request, possibly on another replica, committed it.
    /// - Throws: what `prepare` throws, `alreadyExists`, `busy`, `readOnly`, `internalError`.
    func run(
        _ command: AuditInfo, by actor: CommandActor,
        prepare: (Snapshot, CommandActor) async throws(RosterError) -> PreparedCommand,
        followUp: (JobID, Revision) -> Void = { _, _ in }, onUncertainOutcome: () -> Void = {}
    ) async throws(RosterError) -> JobID {
        let job = JobID.make()
        do {
            // Serialized, because concurrent commands about one resource would be planned, and their passwords hashed,
            // in vain.
            return try await mutex.wait(for: command.key) { () async throws(RosterError) in
                try await attempt(
                    command, by: actor, job: job, prepare: prepare, followUp: followUp,
                    onUncertainOutcome: onUncertainOutcome)
            }
        } catch {
            switch error.code {
            case .busy, .readOnly, .internalError: throw error
            default:
                return try await refuse(command, error, by: actor, job: job, onUncertainOutcome: onUncertainOutcome)
            }
        }
    }

    private func attempt(
        _ command: AuditInfo, by actor: CommandActor, job: JobID,
        prepare: (Snapshot, CommandActor) async throws(RosterError) -> PreparedCommand,
        followUp: (JobID, Revision) -> Void,
        onUncertainOutcome: () -> Void
    ) async throws(RosterError) -> JobID {
        for _ in 0..<Self.attempts {
            let snapshot = directory.snapshot
            // The actor may have lost rights since the request arrived.
            let actor = try actor.renewed(in: snapshot, now: directory.now)
            let prepared = try await prepare(snapshot, actor)
            var change = prepared.change
            change.preconditions = prepared.preconditions
            // Preparing takes time (a hash takes 16 ms). The preconditions detect rights that are revoked meanwhile.
            change.preconditions?.expect(users: actor.rows(in: snapshot, behind: command.cluster), keys: actor.keys)
            change.events = [
                event(command, actor, job: job, status: .pending, resources: prepared.resources, message: "asked"),
                event(
                    command, actor, job: job, status: prepared.staysPending ? .pending : .successful,
                    resources: prepared.resources, message: prepared.summary),
            ]
            change.request = actor.answered(.done(job))
            do throws(StoreError) {
                let revision = try await directory.commit(change)
                followUp(job, revision)
                return job
            } catch {
                switch error {
                case .outdated: await directory.refresh()
                case .answered(let outcome): return try await repeated(outcome, onUncertainOutcome: onUncertainOutcome)
                case .uncertain:
                    onUncertainOutcome()
                    throw error.clientError
                default: throw error.clientError
                }
            }
        }
        throw StoreError.busy.clientError
    }

    private func refuse(
        _ command: AuditInfo, _ error: RosterError, by actor: CommandActor, job: JobID, onUncertainOutcome: () -> Void
    ) async throws(RosterError) -> JobID {
        var message = error.message
        if case .reader = actor.principal, case .key(let key) = actor.proof {
            guard let unlogged = directory.readerRefusals.consume(key, now: directory.now) else { throw error }
            if unlogged > 0 { message += "; \(unlogged) more commands of this key were refused and not logged" }
        }
        var change = Change(time: directory.now)
        change.events = [event(command, actor, job: job, status: .failed, error: error, message: message)]
        change.request = actor.answered(.refused(error))
        do throws(StoreError) {
            try await directory.commit(change)
        } catch .answered(let outcome) {
            return try await repeated(outcome, onUncertainOutcome: onUncertainOutcome)
        } catch {
            throw error.clientError
        }
        throw error
    }

    private func repeated(_ outcome: IdempotencyRecord.Outcome, onUncertainOutcome: () -> Void)
        async throws(RosterError) -> JobID
    {
        switch outcome {
        case .done(let job?):
            // Another replica may have committed it: refresh, so that the client reads its own write here too.
            await directory.refresh()
            onUncertainOutcome()
            return job
        case .done(nil): throw RosterError(.internalError, "the same request was answered before, by another call")
        case .refused(let error): throw error
        }
    }

    /// A resource is one word in the log.
    package static func word(_ resource: String) -> String {
        resource.sanitizedForDisplay().replacing(" ", with: "?")
    }

    func event(
        _ command: AuditInfo, _ actor: CommandActor, job: JobID, status: OperationEvent.Status,
        resources: [String] = [], error: RosterError? = nil, message: String
    ) -> OperationEvent {
        OperationEvent(
            job: job, time: directory.now, action: command.action, owner: actor.account, submitter: actor.submitter,
            origin: actor.origin, clusters: command.cluster.map { [$0] } ?? [],
            resources: [Self.word(command.resource)] + resources,
            status: status, error: error?.code, message: message)
    }
}

extension CommandActor {
    /// The record that keeps the signed request from running twice; nil without a request.
    func answered(_ outcome: IdempotencyRecord.Outcome) -> IdempotencyRecord? {
        request.map { IdempotencyRecord(digest: $0.digest, expires: $0.expires, outcome: outcome) }
    }
}
