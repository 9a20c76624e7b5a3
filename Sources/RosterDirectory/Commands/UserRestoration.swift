package import RosterModel
import RosterSnapshot
import RosterStore

/// Executes the command that undoes the deletion of a user.
package struct UserRestorationHandler: Sendable {
    private let executor: CommandExecutor

    /// Which user is restored, and under which name. Its syntax is checked, its rights and rules are not.
    package struct Command: Sendable {
        /// The name that the user had when it was deleted, without regard to case.
        package let username: String
        /// Chooses among several deleted users of that name; nil is the last deleted.
        package let id: HPCUserID?
        /// The name that it gets; nil is the one that it had.
        package let newUsername: String?

        /// Creates a command.
        package init(username: String, id: HPCUserID?, newUsername: String?) {
            self.username = username
            self.id = id
            self.newUsername = newUsername
        }
    }

    /// What became of the command.
    package struct Outcome: Sendable {
        package let job: JobID
        /// The user as it is now; nil if it changed its name or was deleted again since the same request was first
        /// answered.
        package let user: User?
        /// What came back and what did not: one line, the same as in the operation log.
        package let message: String
    }

    /// A handler that commits to `directory`.
    package init(directory: Directory) {
        executor = CommandExecutor(directory: directory)
    }

    /// Restores a deleted user. The same signed request again gets the first response.
    /// - Throws: `noSuchUser` if nobody of that name was deleted, `accountExists` if another user has the name,
    ///   `nameMalformed`, `notFound`, `permissionDenied`, `alreadyExists`, `busy`, `readOnly`, `internalError`.
    package func execute(
        _ command: Command, cluster: ClusterID, zone: Zone, by actor: CommandActor
    ) async throws(RosterError) -> Outcome {
        let directory = executor.directory
        let info = CommandExecutor.AuditInfo(action: "RestoreUser", cluster: cluster, resource: command.username)
        var summary: String?
        let job = try await executor.run(
            info, by: actor,
            prepare: { (snapshot, actor) async throws(RosterError) in
                let plan = try await plan(command, in: snapshot, cluster: cluster, zone: zone, by: actor)
                summary = plan.summary
                return plan
            })
        let user = directory.snapshot.user(named: command.newUsername ?? command.username, in: cluster)
        if let summary { return Outcome(job: job, user: user, message: summary) }
        // The request was answered before: the log still has the answer.
        var query = OperationQuery(scope: .all)
        query.jobs = [job]
        do throws(StoreError) {
            let page = try await directory.operations(query)
            return Outcome(job: job, user: user, message: page.operations.first?.message ?? "")
        } catch {
            throw error.clientError
        }
    }

    private func plan(
        _ command: Command, in snapshot: Snapshot, cluster id: ClusterID, zone: Zone, by actor: CommandActor
    ) async throws(RosterError) -> CommandExecutor.PreparedCommand {
        let (cluster, _) = try snapshot.cluster(id, in: zone, scope: actor.scope)
        let authorization = actor.authorization
        try authorization.requireAdministration(of: id)
        let deleted = try await deletedUsers(command, in: id)
        let now = executor.directory.now
        var user = deleted[0].user
        // Nobody owns a deleted user: an account that was a boss must not make itself one again.
        try authorization.requireChange(of: user, isOwn: false)
        let before = user.username
        if let text = command.newUsername, text != before.text { user.username = try newName(text, in: cluster) }
        // The store checks this too.
        if let holder = snapshot.user(named: user.username.text, in: id) {
            let remedy = command.newUsername == nil ? "; restore this one with new_username under another name" : ""
            throw RosterError(
                .accountExists, command.newUsername == nil ? .user : .parameter("new_username"),
                "\(holder.username) with uid \(holder.uidNumber) (\(holder.id)) has this name in cluster \(id)\(remedy)"
            )
        }
        user.updateTime = now
        let lost = removeUndeclaredAttributes(of: &user, snapshot.attributes)
        var change = Change(time: now)
        var preconditions = Preconditions(at: snapshot.revision)
        preconditions.clusters = [id]
        preconditions.removedUsers = [user.id]
        var parts = ["directory: restored" + (before == user.username ? "" : " as \(user.username)")]
        parts[0] += " with uid \(user.uidNumber); home: as it is"
        if let record = deleted[0].record, record.time >= DeletionRecord.earliestKept(at: now) {
            user.password = record.password
            let groups = restoredGroups(
                of: deleted[0], record: record, in: snapshot, cluster: cluster, authorization: authorization)
            for var group in groups.joined {
                group.members.append(user.id)
                group.updateTime = now
                change.groups.append(group)
                preconditions.groups.insert(group.key)
            }
            if !groups.joined.isEmpty { parts.append("groups: \(Self.list(groups.joined.map(\.name)))") }
            if !groups.missing.isEmpty { parts.append("not in groups: \(Self.list(groups.missing))") }
        } else {
            user.password = nil
            user.passwordTime = nil
            parts.append("its password and groups are no longer kept")
        }
        if !lost.isEmpty { parts.append("without attributes that are no longer declared: \(Self.list(lost))") }
        if user.password == nil { parts.append("no password: it cannot log in") }
        if !user.isActive(at: now) { parts.append(user.state == .locked ? "it is locked" : "it is expired") }
        if snapshot.group(gid: user.gidNumber, in: id) == nil {
            parts.append("no group has its gid \(user.gidNumber) any more")
        }
        if command.id == nil, deleted.count > 1 {
            parts.append("the user of this name deleted before it, on \(deleted[1].time), is \(deleted[1].user.id)")
        }
        change.users = [user]
        return .init(
            change: change, preconditions: preconditions, summary: parts.joined(separator: "; "),
            resources: [user.id.text] + (before == user.username ? [] : [user.username.text]))
    }

    /// The deleted users that `command` may mean, the last deleted first; never empty.
    private func deletedUsers(_ command: Command, in cluster: ClusterID) async throws(RosterError) -> [DeletedUser] {
        let found: [DeletedUser]
        do throws(StoreError) {
            found = try await executor.directory.deletedUsers(
                named: command.username, id: command.id, in: cluster, limit: 2)
        } catch {
            throw error.clientError
        }
        guard found.isEmpty else { return found }
        let name = command.username.sanitizedForDisplay()
        let fault =
            command.id.map { "no user \(name) with hpcuser_id \($0) was deleted from cluster \(cluster)" }
            ?? "no user \(name) was deleted from cluster \(cluster)"
        throw RosterError(.noSuchUser, .user, fault)
    }

    /// Removes the values that no declaration allows any more: the removal of a declaration requires that no user has
    /// any.
    /// - Returns: the names of the attributes that lost values.
    private func removeUndeclaredAttributes(of user: inout User, _ catalog: AttributeCatalog) -> [String] {
        var kept = user.attributes.standardOnly
        for attribute in user.attributes.present(in: catalog) where kept[attribute].isEmpty {
            let values = user.attributes[attribute].filter { (try? attribute.check($0)) != nil }
            kept[attribute] = Array(values.prefix(attribute.isMultiple ? UserAttribute.maximumCount : 1))
        }
        defer { user.attributes = kept }
        return user.attributes.names.filter { user.attributes.values(named: $0) != kept.values(named: $0) }
    }

    private func newName(_ text: String, in cluster: Cluster) throws(RosterError) -> Username {
        do {
            return try cluster.nameRule.check(text)
        } catch {
            throw RosterError(error.code, .parameter("new_username"), error.fault)
        }
    }

    /// The groups that the user joins again, and the names of those that it does not, each with the reason.
    private func restoredGroups(
        of deleted: DeletedUser, record: DeletionRecord, in snapshot: Snapshot, cluster: Cluster,
        authorization: Authorization
    ) -> (joined: [Group], missing: [String]) {
        var (joined, missing): ([Group], [String]) = ([], [])
        for gid in record.groups {
            guard let group = snapshot.group(gid: gid, in: cluster.id) else {
                missing.append((deleted.groupNames[gid] ?? "gid \(gid)") + " (deleted)")
                continue
            }
            do {
                // Its members are members of the groups above it, too.
                for group in [group] + snapshot.groups(ofGroup: group.key) {
                    try authorization.requireChange(of: group, in: cluster)
                }
                joined.append(group)
            } catch {
                missing.append(group.name + " (only an operator or a boss may change it)")
            }
        }
        return (joined, missing)
    }

    /// How many groups the log names.
    private static let namedGroups = 20

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(namedGroups).map { $0.sanitizedForDisplay(limit: 80) }.joined(separator: ", ")
        return names.count > namedGroups ? "\(shown) and \(names.count - namedGroups) more" : shown
    }
}
