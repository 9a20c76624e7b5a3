package import RosterModel

/// Applies one change to a working set. It is the only place with the directory's write rules, shared by all stores.
///
/// A store loads the rows that a change names (`ReadSet`), applies the change, and writes the rows that the working set
/// then marks as changed. If a change is refused, its caller rolls the working set back to the last savepoint.
package struct ChangeApplier<Source: RowSource> {
    /// The revision of the change.
    package let revision: Revision
    /// The time of the change.
    package let time: Timestamp
    /// Chooses the ids that the change leaves to the store.
    let allocator: IDAllocator<Source>
    /// Reads rows that turn out to be needed while the change is applied.
    var source: Source { allocator.source }

    /// Applies a whole change whose rows are loaded.
    /// - Throws: `answered`, `outdated`, `conflict`; the source's errors.
    package func apply(_ change: Change, to workingSet: inout WorkingSet) throws {
        try begin(change, on: &workingSet, hasUsers: true)
        for user in change.users { try upsert(user, on: &workingSet) }
        try finish(change, on: &workingSet)
    }

    /// Applies everything in `change` that must precede its users.
    /// - Parameter hasUsers: whether the rows of its users are loaded, so that those that must be new are checked.
    /// - Throws: `answered`, `outdated`, `noSuchCluster`; the source's errors.
    package func begin(_ change: Change, on workingSet: inout WorkingSet, hasUsers: Bool) throws {
        if let request = change.request { try checkNotAnswered(request, on: &workingSet) }
        if let preconditions = change.preconditions {
            guard holds(preconditions, removing: change.removedUsers, on: workingSet) else { throw StoreError.outdated }
        }
        if hasUsers {
            for id in change.newIDs where workingSet.users[id] != nil { throw StoreError.outdated }
        }
        for cluster in change.clusters {
            workingSet.clusters.set(cluster.id, .init(revision: revision, written: cluster))
        }
        for key in change.removedGroups { remove(key, on: &workingSet) }
        for key in change.removedMapEntries { remove(key, on: &workingSet) }
        // Before the users: a gid is recorded under the name of its group if it has one.
        for group in change.groups {
            guard workingSet.clusters[group.cluster] != nil else { throw StoreError.noSuchCluster(group.cluster) }
            _ = allocateGID(group.gidNumber, in: group.cluster, name: group.name, on: &workingSet)
        }
        for id in change.removedUsers { try remove(id, on: &workingSet) }
    }

    /// Applies everything in `change` that must follow its users.
    /// - Throws: `nameTaken`, `numberTaken`, `noNumberLeft`, `noSuchCluster`, `groupTaken`; the source's errors.
    package func finish(_ change: Change, on workingSet: inout WorkingSet) throws {
        for unnumbered in change.unnumberedUsers {
            var user = unnumbered.user
            user.uidNumber = try allocator.freeNumber(.uid, in: unnumbered.range, of: user.cluster, on: &workingSet)
            try upsert(user, on: &workingSet)
        }
        for group in change.groups { try upsert(group, on: &workingSet) }
        for added in change.addedGroups { try add(added, on: &workingSet) }
        for entry in change.mapEntries { try upsert(entry, on: &workingSet) }
        for key in change.keys { workingSet.keys.set(key.id, .init(revision: revision, written: key)) }
        for var declaration in change.attributes {
            declaration.revision = revision
            workingSet.attributes.set(declaration.key, declaration)
        }
        workingSet.events += change.events
    }

    /// Adds or replaces a user whose rows are loaded.
    /// - Throws: `nameTaken`, `numberTaken`, `noSuchCluster`; the source's errors.
    package func upsert(_ user: User, on workingSet: inout WorkingSet) throws {
        guard workingSet.clusters[user.cluster] != nil else { throw StoreError.noSuchCluster(user.cluster) }
        let name = NameKey(user.cluster, user.username.text)
        if let holder = workingSet.names[name], holder != user.id {
            throw StoreError.nameTaken(user.username, in: user.cluster)
        }
        let uid = AllocationKey(cluster: user.cluster, kind: .uid, number: user.uidNumber)
        try loadIfNeeded(uid, on: &workingSet)
        let allocation = workingSet.allocations[uid]
        if let allocation, allocation.holder != user.id.text {
            throw StoreError.numberTaken(
                user.uidNumber, holder: allocation.name, from: allocation.from, until: allocation.until)
        }
        record(
            uid, name: allocation?.name ?? user.username.text, holder: user.id.text, from: allocation?.from ?? time,
            until: nil,
            on: &workingSet)
        _ = allocateGID(user.gidNumber, in: user.cluster, name: user.username.text, on: &workingSet)
        let before = workingSet.users[user.id]
        if let before, before.deletedTime == nil, before.name != name { workingSet.names.set(before.name, nil) }
        workingSet.names.set(name, user.id)
        var state = WorkingSet.UserState(
            cluster: user.cluster, uidNumber: user.uidNumber, name: name, revision: revision, deletedTime: nil)
        state.storedName = before?.storedName
        state.isRestored = before.map { $0.isRestored || $0.deletedTime != nil } ?? false
        state.written = user
        workingSet.users.set(user.id, state)
    }

    // MARK: Parts

    /// Records the answer to `request`.
    /// - Throws: `answered` if the store still remembers an earlier answer.
    private func checkNotAnswered(_ request: IdempotencyRecord, on workingSet: inout WorkingSet) throws(StoreError) {
        if let before = workingSet.requests[request.digest], before.forgottenAfter >= time {
            throw .answered(before.outcome)
        }
        workingSet.requests.set(request.digest, request)
    }

    private func holds(_ expected: Preconditions, removing removed: [HPCUserID], on workingSet: WorkingSet) -> Bool {
        func isUntouched(_ revision: Revision?) -> Bool { revision.map { $0 <= expected.revision } ?? false }
        return expected.users.allSatisfy { id in
            let user = workingSet.users[id]
            return user?.deletedTime == nil && isUntouched(user?.revision)
        }
            && expected.removedUsers.allSatisfy { id in
                let user = workingSet.users[id]
                return user?.deletedTime != nil && isUntouched(user?.revision)
            }
            && expected.clusters.allSatisfy { isUntouched(workingSet.clusters[$0]?.revision) }
            && expected.groups.allSatisfy { key in
                let group = workingSet.groups[key]
                return group?.deletedTime == nil && isUntouched(group?.revision)
            }
            && expected.mapEntries.allSatisfy { key in
                let entry = workingSet.mapEntries[key]
                return entry?.deletedTime == nil && isUntouched(entry?.revision)
            }
            && expected.keys.allSatisfy { isUntouched(workingSet.keys[$0]?.revision) }
            && expected.missingClusters.allSatisfy { workingSet.clusters[$0] == nil }
            && expected.inhabitedClusters.allSatisfy { isInhabited($0, beside: removed, on: workingSet) }
    }

    private func isInhabited(_ cluster: ClusterID, beside removed: [HPCUserID], on workingSet: WorkingSet) -> Bool {
        // Users that earlier changes in its batch have added count too.
        let added = workingSet.users.written.lazy.filter { $0.row.cluster == cluster }.map(\.key)
        return (workingSet.inhabitants[cluster] ?? []).contains { isThere($0, on: workingSet) && !removed.contains($0) }
            || added.contains { isThere($0, on: workingSet) && !removed.contains($0) }
    }

    /// Whether a user that is in the database or was set exists and is not removed.
    private func isThere(_ id: HPCUserID, on workingSet: WorkingSet) -> Bool {
        workingSet.users[id]?.deletedTime == nil
    }

    private func remove(_ id: HPCUserID, on workingSet: inout WorkingSet) throws {
        guard var user = workingSet.users[id], user.deletedTime == nil else { return }
        let uid = AllocationKey(cluster: user.cluster, kind: .uid, number: user.uidNumber)
        try loadIfNeeded(uid, on: &workingSet)
        if let allocation = workingSet.allocations[uid], allocation.holder == id.text {
            record(
                uid, name: allocation.name, holder: allocation.holder, from: allocation.from, until: time,
                on: &workingSet)
        }
        let groups = (workingSet.memberships[id] ?? []).lazy.filter { $0.cluster == user.cluster }
            .map(\.gidNumber).sorted()
        // Losing a member changes a group.
        for key in workingSet.memberships[id] ?? [] {
            guard var group = workingSet.groups[key] else { continue }
            group.revision = revision
            group.updateTime = time
            group.written?.updateTime = time
            workingSet.groups.set(key, group)
        }
        workingSet.memberships.set(id, [])
        workingSet.members.append(.leave(id))
        workingSet.names.set(user.name, nil)
        user.revision = revision
        user.deletedTime = time
        user.deletion = .init(groups: groups, password: user.written?.password)
        user.written?.password = nil
        workingSet.users.set(id, user)
    }

    private func remove(_ key: Group.Key, on workingSet: inout WorkingSet) {
        guard var group = workingSet.groups[key], group.deletedTime == nil else { return }
        group.revision = revision
        group.deletedTime = time
        group.updateTime = time
        group.written?.updateTime = time
        workingSet.groups.set(key, group)
        workingSet.groupNames.set(group.name, nil)
        replaceMembers(of: key, with: [], on: &workingSet)
        setEndOfGID(of: key, at: time, on: &workingSet)
    }

    /// Adds or replaces a group. Its gid must already be allocated.
    private func upsert(_ group: Group, on workingSet: inout WorkingSet) throws(StoreError) {
        let name = NameKey(group.cluster, group.name)
        if let holder = workingSet.groupNames[name], holder != group.key {
            throw .groupTaken(group.name, in: group.cluster)
        }
        let before = workingSet.groups[group.key]
        if let before, before.deletedTime == nil, before.name != name { workingSet.groupNames.set(before.name, nil) }
        workingSet.groupNames.set(name, group.key)
        var state = WorkingSet.GroupState(name: name, revision: revision, deletedTime: nil)
        state.storedName = before?.storedName
        state.written = group
        workingSet.groups.set(group.key, state)
        replaceMembers(of: group.key, with: group.members, on: &workingSet)
        setEndOfGID(of: group.key, at: nil, on: &workingSet)
    }

    private func upsert(_ entry: MapEntry, on workingSet: inout WorkingSet) throws(StoreError) {
        guard workingSet.clusters[entry.cluster] != nil else { throw .noSuchCluster(entry.cluster) }
        workingSet.mapEntries.set(entry.key, .init(revision: revision, deletedTime: nil, written: entry))
    }

    private func remove(_ key: MapEntry.Key, on workingSet: inout WorkingSet) {
        guard var entry = workingSet.mapEntries[key], entry.deletedTime == nil else { return }
        entry.revision = revision
        entry.deletedTime = time
        workingSet.mapEntries.set(key, entry)
    }

    private func add(_ added: Change.AddedGroup, on workingSet: inout WorkingSet) throws {
        var group = added.group
        guard workingSet.clusters[group.cluster] != nil else { throw StoreError.noSuchCluster(group.cluster) }
        if let range = added.range {
            group.gidNumber = try allocator.freeNumber(.gid, in: range, of: group.cluster, on: &workingSet)
        }
        if let allocation = allocateGID(group.gidNumber, in: group.cluster, name: group.name, on: &workingSet) {
            throw StoreError.numberTaken(
                group.gidNumber, kind: .gid, holder: allocation.name, from: allocation.from, until: allocation.until)
        }
        try upsert(group, on: &workingSet)
    }

    private func replaceMembers(of key: Group.Key, with members: [HPCUserID], on workingSet: inout WorkingSet) {
        workingSet.members.append(.replace(key, members))
        let members = Set(members)
        for id in Array(workingSet.memberships.keys) {
            guard var groups = workingSet.memberships[id] else { continue }
            if members.contains(id) { groups.insert(key) } else { groups.remove(key) }
            if groups != workingSet.memberships[id] { workingSet.memberships.set(id, groups) }
        }
    }

    // MARK: Numbers

    /// Allocates a gid unless it is allocated already. Users and a group share it, so it has no single holder: the
    /// ledger keeps the first name that it was allocated under.
    /// - Returns: the earlier allocation, if there is one.
    private func allocateGID(
        _ number: UInt32, in cluster: ClusterID, name: String, on workingSet: inout WorkingSet
    ) -> IDAllocation? {
        let gid = AllocationKey(cluster: cluster, kind: .gid, number: number)
        if let allocation = workingSet.allocations[gid] { return allocation }
        record(gid, name: name, holder: "", from: time, until: nil, on: &workingSet)
        return nil
    }

    private func setEndOfGID(of group: Group.Key, at time: Timestamp?, on workingSet: inout WorkingSet) {
        let gid = AllocationKey(cluster: group.cluster, kind: .gid, number: group.gidNumber)
        guard let allocation = workingSet.allocations[gid], allocation.until != time else { return }
        record(
            gid, name: allocation.name, holder: allocation.holder, from: allocation.from, until: time, on: &workingSet)
    }

    private func record(
        _ key: AllocationKey, name: String, holder: String, from: Timestamp, until: Timestamp?,
        on workingSet: inout WorkingSet
    ) {
        let allocation = IDAllocation(
            cluster: key.cluster, kind: key.kind, number: key.number, name: name, holder: holder, from: from,
            until: until)
        // Usually a changed user keeps its number: do not write an allocation that is the same.
        guard workingSet.allocations[key] != allocation else { return }
        workingSet.allocations.set(key, allocation)
        for range in Array(workingSet.largest.keys)
        where range.cluster == key.cluster && range.kind == key.kind && range.numbers.contains(key.number) {
            if workingSet.largest[range].map({ $0 < key.number }) ?? true { workingSet.largest.set(range, key.number) }
        }
    }

    private func loadIfNeeded(_ key: AllocationKey, on workingSet: inout WorkingSet) throws {
        guard !workingSet.allocations.isLoaded(key) else { return }
        var readSet = ReadSet()
        readSet.allocations = [key]
        try source.load(readSet, into: &workingSet)
    }
}
