package import RosterModel
import RosterSnapshot
import RosterStore

/// Executes commands about many users of one cluster in one transaction, with one job each.
package struct UserBatchHandler: Sendable {
    private let executor: CommandExecutor
    private let hashing: any PasswordHashing
    private let homes: HomeProvisioner?

    /// What happens to the others if one command is refused.
    package enum FaultPolicy: String, CaseIterable, Sendable {
        /// Nothing is changed.
        case refuse
        /// The others are carried out.
        case skip
    }

    /// What became of one command.
    package struct Outcome: Sendable {
        package let username: String
        package let job: JobID
        /// Nil if it was carried out.
        package var error: RosterError?
        /// The user that was added.
        package var added: HPCUserID?
    }

    /// The maximum number of commands of a batch.
    package static let maximumCount = 1000
    /// How many passwords wait to be hashed at once: other clients take turns with them.
    private static let hashingWidth = 8

    /// - Parameter homes: creates the homes of added users; nil if this server creates none.
    package init(directory: Directory, hashing: any PasswordHashing, homes: HomeProvisioner? = nil) {
        executor = CommandExecutor(directory: directory)
        self.hashing = hashing
        self.homes = homes
    }

    /// Executes `commands`, all in one transaction under one revision. The same signed request again gets the same
    /// outcomes.
    /// - Returns: an outcome for each command, in their order.
    /// - Throws: the error of the first refused command, under `refuse`; `permissionDenied` to all who do not administer
    ///   the cluster; `invalidParameter`, `notFound`, `busy`, `readOnly`, `internalError`.
    package func execute(
        _ commands: [UserCommand], cluster: ClusterID, zone: Zone, onFault: FaultPolicy, by actor: CommandActor
    ) async throws(RosterError) -> [Outcome] {
        guard !commands.isEmpty else { throw .invalid("usernames", "names nobody") }
        guard commands.count <= Self.maximumCount else {
            throw .invalid("usernames", "names more than \(Self.maximumCount)")
        }
        var names: Set<String> = []
        for command in commands where !names.insert(Username.key(of: command.username)).inserted {
            throw .invalid("usernames", "names \(command.username.sanitizedForDisplay()) twice")
        }
        var numbers: Set<UInt32> = []
        for case .add(_, _, _, let number?, _) in commands where !numbers.insert(number).inserted {
            throw .invalid("users", "ask for uid_number \(number) twice")
        }
        let digest = actor.request?.digest ?? (0..<16).map { _ in UInt8.random(in: 0...255) }
        let outcomes = commands.indices.map { index in
            Outcome(username: commands[index].username, job: .derived(from: digest, index: index))
        }
        var hashes: [Int: PasswordHash] = [:]
        // The refusals of numbers that were given before, by the command's index: only the store knows those.
        var refusals: [Int: RosterError]?
        let directory = executor.directory
        for _ in 0..<CommandExecutor.attempts {
            let snapshot = directory.snapshot
            let actor = try actor.renewed(in: snapshot, now: directory.now)
            _ = try snapshot.cluster(cluster, in: zone, scope: actor.scope)
            try actor.authorization.requireAdministration(of: cluster)
            var outcomes = outcomes
            var plans: [Int: UserCommandPlan] = [:]
            var removals = 0
            for index in commands.indices {
                do throws(RosterError) {
                    if let refusal = refusals?[index] { throw refusal }
                    let plan = try plan(
                        commands[index], in: snapshot, cluster: cluster, zone: zone, actor: actor, removals: removals)
                    if plan.isRemoval { removals += 1 }
                    plans[index] = plan
                } catch {
                    if onFault == .refuse {
                        return try await refuse(
                            commands[index], error: Self.naming(commands[index].username, error), outcomes: outcomes,
                            index: index,
                            cluster: cluster, by: actor)
                    }
                    outcomes[index].error = error
                }
            }
            // A repeated attempt may carry out a command that the one before refused.
            let unhashed = plans.filter { hashes[$0.key] == nil }
            hashes.merge(try await hash(unhashed, for: actor.hashingClient)) { present, _ in present }
            let change = change(
                commands, plans: plans, hashes: hashes, outcomes: &outcomes, cluster: cluster, snapshot: snapshot,
                actor: actor)
            do throws(StoreError) {
                let revision = try await directory.commit(change)
                addHomes(of: outcomes, cluster: cluster, revision: revision)
                return outcomes
            } catch {
                switch error {
                case .outdated: await directory.refresh()
                case .conflict where refusals == nil:
                    // A new plan finds names that were taken meanwhile.
                    await directory.refresh()
                    refusals = try await numberRefusals(commands, cluster: cluster)
                case .answered(let outcome): return try await repeated(outcome, outcomes)
                case .uncertain:
                    if !change.newIDs.isEmpty { homes?.rescan() }
                    throw error.clientError
                default: throw error.clientError
                }
            }
        }
        throw StoreError.busy.clientError
    }

    /// The refusals of the commands that ask for numbers which were given before, by the command's index.
    private func numberRefusals(
        _ commands: [UserCommand], cluster: ClusterID
    ) async throws(RosterError) -> [Int: RosterError] {
        var refusals: [Int: RosterError] = [:]
        for (index, command) in commands.enumerated() {
            guard case .add(_, _, _, let number?, _) = command else { continue }
            do throws(StoreError) {
                guard let allocation = try await executor.directory.holder(of: number, in: cluster) else { continue }
                throw .numberTaken(
                    number, holder: allocation.name, from: allocation.from, until: allocation.until)
            } catch .conflict(let error) {
                refusals[index] = error
            } catch {
                throw error.clientError
            }
        }
        return refusals
    }

    /// - Parameter removals: how many users of the cluster the commands before this one remove.
    private func plan(
        _ command: UserCommand, in snapshot: Snapshot, cluster: ClusterID, zone: Zone, actor: CommandActor,
        removals: Int
    ) throws(RosterError) -> UserCommandPlan {
        let plan = try UserCommandPlan(command, in: snapshot, cluster: cluster, zone: zone, by: actor)
        guard plan.passwordToProve == nil else {
            throw .invalid("password", "is not taken for many users at once")
        }
        guard !plan.isRemoval || snapshot.userCount(of: cluster) > removals + 1 else {
            throw RosterError(.permissionDenied, .user, "the cluster's last user stays")
        }
        return plan
    }

    private static func naming(_ username: String, _ error: RosterError) -> RosterError {
        RosterError(error.code, .parameter("usernames"), "\(username.sanitizedForDisplay()): \(error.message)")
    }

    /// The hashes of the passwords that the plans need, by the command's index.
    private func hash(
        _ plans: [Int: UserCommandPlan], for client: QueueClient
    ) async throws(RosterError) -> [Int: PasswordHash] {
        let waiting = plans.compactMap { index, plan in plan.passwordToHash.map { (index: index, text: $0) } }
        guard !waiting.isEmpty else { return [:] }
        let hashing = hashing
        let results = await withTaskGroup(of: (Int, Result<PasswordHash, RosterError>).self) { group in
            var rest = waiting[...]
            func startNext() {
                guard let next = rest.popFirst() else { return }
                group.addTask {
                    do throws(RosterError) {
                        return (next.index, .success(try await hashing.hash(next.text, for: client)))
                    } catch {
                        return (next.index, .failure(error))
                    }
                }
            }
            for _ in 0..<Self.hashingWidth { startNext() }
            var results: [(Int, Result<PasswordHash, RosterError>)] = []
            while let result = await group.next() {
                results.append(result)
                startNext()
            }
            return results
        }
        var hashes: [Int: PasswordHash] = [:]
        for (index, result) in results { hashes[index] = try result.get() }
        return hashes
    }

    /// One change with the effects of all plans, and the events of all commands.
    private func change(
        _ commands: [UserCommand], plans: [Int: UserCommandPlan], hashes: [Int: PasswordHash],
        outcomes: inout [Outcome], cluster: ClusterID, snapshot: Snapshot, actor: CommandActor
    ) -> Change {
        let now = executor.directory.now
        var change = Change(time: now)
        var preconditions = Preconditions(at: snapshot.revision)
        let sharedKeys = SharedSSHKeys(givenBy: plans.values, in: snapshot, cluster: cluster)
        for index in commands.indices {
            let info = CommandExecutor.AuditInfo(
                action: commands[index].action, cluster: cluster, resource: commands[index].username)
            let job = outcomes[index].job
            guard let plan = plans[index] else {
                let error = outcomes[index].error
                change.events.append(
                    executor.event(info, actor, job: job, status: .failed, error: error, message: error?.message ?? ""))
                continue
            }
            let one = plan.change(hash: hashes[index], now: now)
            change.users += one.users
            change.unnumberedUsers += one.unnumberedUsers
            change.newIDs.formUnion(one.newIDs)
            change.removedUsers += one.removedUsers
            preconditions.formUnion(plan.preconditions)
            outcomes[index].added = plan.addedUser?.id
            let makesHome = plan.addedUser != nil && homes != nil
            change.events.append(
                executor.event(info, actor, job: job, status: .pending, resources: plan.resources, message: "asked"))
            change.events.append(
                executor.event(
                    info, actor, job: job, status: makesHome ? .pending : .successful, resources: plan.resources,
                    message: (makesHome ? "directory: added; home: to be made" : plan.summary)
                        + sharedKeys.note(on: plan)))
        }
        preconditions.expect(users: actor.rows(in: snapshot, behind: cluster), keys: actor.keys)
        change.preconditions = preconditions
        change.request = actor.answered(.done(outcomes[0].job))
        return change
    }

    private func addHomes(of outcomes: [Outcome], cluster: ClusterID, revision: Revision) {
        guard let homes else { return }
        let timelineChanges = executor.directory.snapshotOfTimeline.timelineChanges
        for outcome in outcomes {
            guard let user = outcome.added else { continue }
            homes.add(
                outcome.job, user: user, cluster: cluster, addedAt: revision, timelineChanges: timelineChanges)
        }
    }

    /// Logs the refusal of a command, for which nothing is changed.
    /// - Returns: the outcomes of the same request, if it was carried out before.
    /// - Throws: `error`.
    private func refuse(
        _ command: UserCommand, error: RosterError, outcomes: [Outcome], index: Int, cluster: ClusterID,
        by actor: CommandActor
    ) async throws(RosterError) -> [Outcome] {
        let info = CommandExecutor.AuditInfo(action: command.action, cluster: cluster, resource: command.username)
        var change = Change(time: executor.directory.now)
        change.events = [
            executor.event(
                info, actor, job: outcomes[index].job, status: .failed, error: error, message: error.message)
        ]
        change.request = actor.answered(.refused(error))
        do throws(StoreError) {
            try await executor.directory.commit(change)
        } catch .answered(let outcome) {
            return try await repeated(outcome, outcomes)
        } catch {
            throw error.clientError
        }
        throw error
    }

    /// The outcomes of a request that was answered before, from the operation log.
    private func repeated(
        _ answer: IdempotencyRecord.Outcome, _ outcomes: [Outcome]
    ) async throws(RosterError) -> [Outcome] {
        if case .refused(let error) = answer { throw error }
        let directory = executor.directory
        await directory.refresh()
        var query = OperationQuery(scope: .all)
        query.jobs = Set(outcomes.map(\.job))
        query.limit = outcomes.count
        let page: OperationPage
        do throws(StoreError) {
            page = try await directory.operations(query)
        } catch {
            throw error.clientError
        }
        let found = Dictionary(page.operations.map { ($0.id, $0) }) { first, _ in first }
        guard found.count == outcomes.count else {
            throw RosterError(.internalError, "the same request was answered before, by another call")
        }
        return outcomes.map { outcome in
            var outcome = outcome
            outcome.error = nil
            if let job = found[outcome.job], job.status == .failed, let code = job.error {
                outcome.error = RosterError(code, job.message)
            }
            return outcome
        }
    }
}

extension UserCommandPlan {
    /// Whether the command removes a user.
    fileprivate var isRemoval: Bool { !change(hash: nil, now: Timestamp(seconds: 0)).removedUsers.isEmpty }
}
