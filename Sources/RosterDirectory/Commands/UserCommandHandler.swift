package import RosterModel
import RosterSnapshot
import RosterStore

/// Executes commands about users, for every server.
package struct UserCommandHandler: Sendable {
    private let runner: CommandExecutor
    private let hashing: any PasswordHashing
    private let homes: HomeProvisioner?

    /// - Parameter homes: creates the homes of added users; nil if this server creates none.
    package init(directory: Directory, hashing: any PasswordHashing, homes: HomeProvisioner? = nil) {
        runner = CommandExecutor(directory: directory)
        self.hashing = hashing
        self.homes = homes
    }

    /// Executes `command` in `cluster` and returns its job. The same signed request again gets the first response.
    /// - Throws: `notFound`, `permissionDenied`, `accountExists`, `nameMalformed`, `noSuchUser`,
    ///   `passwordUnacceptable`, `passwordMismatch`, `alreadyExists`, `busy`, `readOnly`, `internalError`.
    package func execute(
        _ command: UserCommand, cluster: ClusterID, zone: Zone, by actor: CommandActor
    ) async throws(RosterError) -> JobID {
        try await perform(command, cluster: cluster, zone: zone, by: actor).job
    }

    /// Sets a password, as `execute` does, for an actor whose requests are not repeated.
    /// - Returns: the hash of the new password.
    /// - Throws: as `execute`.
    package func setPassword(
        _ command: UserCommand, cluster: ClusterID, zone: Zone, by actor: CommandActor
    ) async throws(RosterError) -> PasswordHash {
        guard let hash = try await perform(command, cluster: cluster, zone: zone, by: actor).hash else {
            throw RosterError(.internalError, "the command set no password")
        }
        return hash
    }

    /// Rehashes a verified password that is stored in a weak scheme; does nothing for any other password.
    ///
    /// The user is logged in whether or not this succeeds; after a failure, the next login tries again.
    /// - Throws: as `execute`.
    package func strengthenHash(
        of password: String, shown proof: PasswordAuthentication, origin: String
    ) async throws(RosterError) {
        let directory = runner.directory
        let snapshot = directory.snapshot
        guard proof.hash.weakScheme != nil, let cluster = snapshot.cluster(proof.cluster),
            snapshot.user(proof.user, in: proof.cluster)?.password == proof.hash
        else { return }
        let actor = try CommandActor(proof, origin: origin, in: snapshot, now: directory.now)
        _ = try await perform(
            .rehashPassword(username: proof.name.text, password: password, replacing: proof.hash),
            cluster: proof.cluster, zone: cluster.zone, by: actor)
    }

    private func perform(
        _ command: UserCommand, cluster: ClusterID, zone: Zone, by actor: CommandActor
    ) async throws(RosterError) -> (job: JobID, hash: PasswordHash?) {
        let description = CommandExecutor.AuditInfo(
            action: command.action, cluster: cluster, resource: command.username)
        // A hash costs 16 ms: it is computed once, however often the command is replanned.
        var hash: PasswordHash?
        var added: HPCUserID?
        // The file system may take two seconds: it is checked once, too.
        var isHomeChecked = false
        let prepare = {
            (snapshot: Snapshot, actor: CommandActor) async throws(RosterError) -> CommandExecutor.PreparedCommand in
            let plan = try UserCommandPlan(command, in: snapshot, cluster: cluster, zone: zone, by: actor)
            if let (text, present) = plan.passwordToProve {
                guard let present, let text, try await hashing.verify(text, against: present, for: actor.hashingClient)
                else {
                    throw RosterError(.passwordMismatch, .password, "the name and the password do not match")
                }
            }
            if let user = plan.addedUser, let homes, !isHomeChecked {
                try await homes.checkIsFree(user)
                isHomeChecked = true
            }
            added = plan.addedUser?.id
            if let text = plan.passwordToHash, hash == nil {
                hash = try await hashing.hash(text, for: actor.hashingClient)
            }
            return .init(
                change: plan.change(hash: hash, now: runner.directory.now), preconditions: plan.preconditions,
                summary: (plan.addedUser == nil || homes == nil
                    ? plan.summary : "directory: added; home: to be made")
                    + SharedSSHKeys(givenBy: CollectionOfOne(plan), in: snapshot, cluster: cluster).note(on: plan),
                resources: plan.resources,
                staysPending: plan.addedUser != nil && homes != nil)
        }
        let job = try await runner.run(
            description, by: actor, prepare: prepare,
            followUp: { job, revision in
                guard let added, let homes else { return }
                homes.add(
                    job, user: added, cluster: cluster, addedAt: revision,
                    timelineChanges: runner.directory.snapshotOfTimeline.timelineChanges)
            },
            onUncertainOutcome: {
                if case .add = command { homes?.rescan() }
            })
        return (job, hash)
    }
}
