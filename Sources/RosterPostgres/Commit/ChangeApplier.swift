import RosterModel
import RosterStore

/// Judges one change on the ground that it stands on, and leaves there what becomes of it.
struct ChangeApplier {
    let revision: Revision
    let time: Timestamp
    let gaps: FreeIDHints
    /// Reads what turns out to be needed later than the rest.
    let connection: ServerConnection

    /// Everything of `change` that comes before its users.
    /// - Parameter hasUsers: whether its users are judged here; those that must be new are, then.
    /// - Throws: `answered`, `outdated`.
    func begin(_ change: Change, on workingSet: inout WorkingSet, hasUsers: Bool) throws {
        if let request = change.request { try answer(request, on: &workingSet) }
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
        // Before the users: a gid is called after its group where it has one.
        for group in change.groups {
            _ = giveGID(group.gidNumber, in: group.cluster, name: group.name, on: &workingSet)
        }
        for id in change.removedUsers { try remove(id, on: &workingSet) }
    }

    /// Everything of `change` that comes after its users.
    /// - Throws: `nameTaken`, `numberTaken`, `noNumberLeft`, `noSuchCluster`, `groupTaken`.
    func finish(_ change: Change, on workingSet: inout WorkingSet) throws {
        for unnumbered in change.unnumberedUsers {
            var user = unnumbered.user
            user.uidNumber = try freeNumber(.uid, in: unnumbered.range, of: user.cluster, on: &workingSet)
            try put(user, on: &workingSet)
        }
        for group in change.groups { try put(group, on: &workingSet) }
        for added in change.addedGroups { try add(added, on: &workingSet) }
        for key in change.keys { workingSet.keys.set(key.id, .init(revision: revision, written: key)) }
        workingSet.events += change.events
    }

    /// - Throws: `nameTaken`, `numberTaken`, `noSuchCluster`.
    func put(_ user: User, on workingSet: inout WorkingSet) throws {
        guard workingSet.clusters[user.cluster] != nil else { throw StoreError.noSuchCluster(user.cluster) }
        let name = NameKey(user.cluster, user.username.text)
        if let holder = workingSet.names[name], holder != user.id {
            throw StoreError.nameTaken(user.username, in: user.cluster)
        }
        let uid = AllocationKey(cluster: user.cluster, kind: .uid, number: user.uidNumber)
        try readIfUnknown(uid, on: &workingSet)
        let allocation = workingSet.allocations[uid]
        if let allocation, allocation.holder != user.id.text {
            throw StoreError.numberTaken(
                user.uidNumber, holder: allocation.name, from: allocation.from, until: allocation.until)
        }
        give(
            uid, name: allocation?.name ?? user.username.text, holder: user.id.text, from: allocation?.from ?? time,
            until: nil,
            on: &workingSet)
        _ = giveGID(user.gidNumber, in: user.cluster, name: user.username.text, on: &workingSet)
        let before = workingSet.users[user.id]
        if let before, before.deletedTime == nil, before.name != name { workingSet.names.set(before.name, nil) }
        workingSet.names.set(name, user.id)
        workingSet.users.set(
            user.id,
            .init(
                cluster: user.cluster, uidNumber: user.uidNumber, name: name, revision: revision, deletedTime: nil,
                storedName: before?.storedName, written: user))
    }

    // MARK: Parts

    private func answer(_ request: IdempotencyRecord, on workingSet: inout WorkingSet) throws(StoreError) {
        if let before = workingSet.requests[request.digest], before.forgottenAfter >= time {
            throw .answered(before.outcome)
        }
        workingSet.requests.set(
            request.digest, .init(outcome: request.outcome, forgottenAfter: request.forgottenAfter))
    }

    private func holds(_ expected: Preconditions, removing removed: [HPCUserID], on workingSet: WorkingSet) -> Bool {
        func isUntouched(_ revision: Revision?) -> Bool { revision.map { $0 <= expected.revision } ?? false }
        return expected.users.allSatisfy { id in
            let user = workingSet.users[id]
            return user?.deletedTime == nil && isUntouched(user?.revision)
        }
            && expected.clusters.allSatisfy { isUntouched(workingSet.clusters[$0]?.revision) }
            && expected.groups.allSatisfy { key in
                let group = workingSet.groups[key]
                return group?.deletedTime == nil && isUntouched(group?.revision)
            }
            && expected.keys.allSatisfy { isUntouched(workingSet.keys[$0]?.revision) }
            && expected.missingClusters.allSatisfy { workingSet.clusters[$0] == nil }
            && expected.inhabitedClusters.allSatisfy { isInhabited($0, beside: removed, on: workingSet) }
    }

    private func isInhabited(_ cluster: ClusterID, beside removed: [HPCUserID], on workingSet: WorkingSet) -> Bool {
        // Those that changes before this one in its group have added count too.
        let added = workingSet.users.written.lazy.filter { $0.row.cluster == cluster }.map(\.key)
        return (workingSet.inhabitants[cluster] ?? []).contains { isThere($0, on: workingSet) && !removed.contains($0) }
            || added.contains { isThere($0, on: workingSet) && !removed.contains($0) }
    }

    /// Whether a user that is in the database, or was put, is there still.
    private func isThere(_ id: HPCUserID, on workingSet: WorkingSet) -> Bool {
        workingSet.users[id]?.deletedTime == nil
    }

    private func remove(_ id: HPCUserID, on workingSet: inout WorkingSet) throws {
        guard var user = workingSet.users[id], user.deletedTime == nil else { return }
        let uid = AllocationKey(cluster: user.cluster, kind: .uid, number: user.uidNumber)
        try readIfUnknown(uid, on: &workingSet)
        if let allocation = workingSet.allocations[uid], allocation.holder == id.text {
            give(
                uid, name: allocation.name, holder: allocation.holder, from: allocation.from, until: time,
                on: &workingSet)
        }
        // A group that loses a member changes.
        for key in workingSet.memberships[id] ?? [] {
            guard var group = workingSet.groups[key] else { continue }
            group.revision = revision
            workingSet.groups.set(key, group)
        }
        workingSet.memberships.set(id, [])
        workingSet.members.append(.leave(id))
        workingSet.names.set(user.name, nil)
        user.revision = revision
        user.deletedTime = time
        user.written?.password = nil
        workingSet.users.set(id, user)
    }

    private func remove(_ key: Group.Key, on workingSet: inout WorkingSet) {
        guard var group = workingSet.groups[key], group.deletedTime == nil else { return }
        group.revision = revision
        group.deletedTime = time
        workingSet.groups.set(key, group)
        workingSet.groupNames.set(group.name, nil)
        replaceMembers(of: key, with: [], on: &workingSet)
        endGID(of: key, at: time, on: &workingSet)
    }

    private func put(_ group: Group, on workingSet: inout WorkingSet) throws(StoreError) {
        let name = NameKey(group.cluster, group.name)
        if let holder = workingSet.groupNames[name], holder != group.key {
            throw .groupTaken(group.name, in: group.cluster)
        }
        if let before = workingSet.groups[group.key], before.deletedTime == nil, before.name != name {
            workingSet.groupNames.set(before.name, nil)
        }
        workingSet.groupNames.set(name, group.key)
        workingSet.groups.set(group.key, .init(name: name, revision: revision, deletedTime: nil, written: group))
        replaceMembers(of: group.key, with: group.members, on: &workingSet)
        endGID(of: group.key, at: nil, on: &workingSet)
    }

    private func add(_ added: Change.AddedGroup, on workingSet: inout WorkingSet) throws {
        var group = added.group
        guard workingSet.clusters[group.cluster] != nil else { throw StoreError.noSuchCluster(group.cluster) }
        if let range = added.range {
            group.gidNumber = try freeNumber(.gid, in: range, of: group.cluster, on: &workingSet)
            try readIfUnknown(
                AllocationKey(cluster: group.cluster, kind: .gid, number: group.gidNumber), on: &workingSet)
        }
        if let allocation = giveGID(group.gidNumber, in: group.cluster, name: group.name, on: &workingSet) {
            throw StoreError.numberTaken(
                group.gidNumber, kind: .gid, holder: allocation.name, from: allocation.from, until: allocation.until)
        }
        try put(group, on: &workingSet)
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

    /// A gid is shared, so it has no single holder: the first name it was given under is kept.
    /// - Returns: the grant where it was given before.
    private func giveGID(
        _ number: UInt32, in cluster: ClusterID, name: String, on workingSet: inout WorkingSet
    ) -> IDAllocation? {
        let gid = AllocationKey(cluster: cluster, kind: .gid, number: number)
        if let allocation = workingSet.allocations[gid] { return allocation }
        give(gid, name: name, holder: "", from: time, until: nil, on: &workingSet)
        return nil
    }

    private func endGID(of group: Group.Key, at time: Timestamp?, on workingSet: inout WorkingSet) {
        let gid = AllocationKey(cluster: group.cluster, kind: .gid, number: group.gidNumber)
        guard let allocation = workingSet.allocations[gid], allocation.until != time else { return }
        give(gid, name: allocation.name, holder: allocation.holder, from: allocation.from, until: time, on: &workingSet)
    }

    private func give(
        _ key: AllocationKey, name: String, holder: String, from: Timestamp, until: Timestamp?,
        on workingSet: inout WorkingSet
    ) {
        let allocation = IDAllocation(
            cluster: key.cluster, kind: key.kind, number: key.number, name: name, holder: holder, from: from,
            until: until)
        // A user that is changed keeps its number: a row that is written as it was is work for nothing.
        guard workingSet.allocations[key] != allocation else { return }
        workingSet.allocations.set(key, allocation)
        for range in Array(workingSet.largest.keys)
        where range.cluster == key.cluster && range.kind == key.kind && range.numbers.contains(key.number) {
            if workingSet.largest[range].map({ $0 < key.number }) ?? true { workingSet.largest.set(range, key.number) }
        }
    }

    /// Nobody else can write between the look and the grant: the transaction holds the lock of the revision.
    private func freeNumber(
        _ kind: IDAllocation.Kind, in numbers: ClosedRange<UInt32>, of cluster: ClusterID,
        on workingSet: inout WorkingSet
    ) throws -> UInt32 {
        let range = NumberRange(cluster: cluster, kind: kind, numbers: numbers)
        guard let largest = workingSet.largest[range] else { return numbers.lowerBound }
        if largest < numbers.upperBound { return largest + 1 }
        // The end of the range is given: the first gap, if there is one.
        guard let gap = try firstGap(range, on: workingSet) else {
            throw StoreError.noNumberLeft(in: numbers, kind: kind, of: cluster)
        }
        return gap
    }

    private func firstGap(_ range: NumberRange, on workingSet: WorkingSet) throws -> UInt32? {
        let (first, last) = (range.numbers.lowerBound, range.numbers.upperBound)
        var number = gaps.lowest(range.kind, from: first, in: range.cluster)
        while number <= last {
            let rows = try connection.run(
                """
                SELECT number FROM number_ledger WHERE cluster_id = $1::text AND kind = $2::text
                AND number BETWEEN $3::bigint AND $4::bigint ORDER BY number LIMIT $5::bigint
                """,
                [
                    .text(range.cluster.text), .text(range.kind.rawValue), .number(Int64(number)),
                    .number(Int64(last)), .number(Int64(Self.ledgerPage)),
                ])
            var row = 0
            func isGiven(_ number: UInt32) -> Bool {
                while row < rows.count, rows.number(row, 0) < Int64(number) { row += 1 }
                if row < rows.count, rows.number(row, 0) == Int64(number) { return true }
                return workingSet.allocations[AllocationKey(cluster: range.cluster, kind: range.kind, number: number)]
                    != nil
            }
            // What follows a full page is not known yet.
            let known = rows.count < Self.ledgerPage ? last : UInt32(truncatingIfNeeded: rows.number(rows.count - 1, 0))
            // The largest number of all is nobody's, so adding one does not overflow.
            while number <= known, isGiven(number) { number += 1 }
            if number <= known { break }
        }
        gaps.note(number, range.kind, from: first, in: range.cluster)
        return number <= last ? number : nil
    }

    /// How much of the ledger is read at once where a gap is sought: mostly it is close to where the last one was.
    private static let ledgerPage = 500

    private func readIfUnknown(_ key: AllocationKey, on workingSet: inout WorkingSet) throws {
        guard !workingSet.allocations.knows(key) else { return }
        var readSet = ReadSet()
        readSet.allocations = [key]
        try workingSet.read(readSet, connection)
    }
}
