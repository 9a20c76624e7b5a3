import Roster

/// Judges one change on the ground that it stands on, and leaves there what becomes of it.
struct ChangeJudge {
    let revision: Revision
    let time: Timestamp
    let gaps: NumberGaps
    /// Reads what turns out to be needed later than the rest.
    let connection: ServerConnection

    /// Everything of `change` that comes before its users.
    /// - Parameter hasUsers: whether its users are judged here; those that must be new are, then.
    /// - Throws: `answered`, `outdated`.
    func begin(_ change: Change, on ground: inout Ground, hasUsers: Bool) throws {
        if let request = change.request { try answer(request, on: &ground) }
        if let expectations = change.expectations {
            guard holds(expectations, removing: change.removedUsers, on: ground) else { throw StoreFailure.outdated }
        }
        if hasUsers {
            for id in change.newIDs where ground.users[id] != nil { throw StoreFailure.outdated }
        }
        for cluster in change.clusters {
            ground.clusters.set(cluster.id, .init(revision: revision, written: cluster))
        }
        for key in change.removedGroups { remove(key, on: &ground) }
        // Before the users: a gid is called after its group where it has one.
        for group in change.groups {
            _ = giveGID(group.gidNumber, in: group.cluster, name: group.name, on: &ground)
        }
        for id in change.removedUsers { try remove(id, on: &ground) }
    }

    /// Everything of `change` that comes after its users.
    /// - Throws: `nameTaken`, `numberTaken`, `noNumberLeft`, `noSuchCluster`, `groupTaken`.
    func finish(_ change: Change, on ground: inout Ground) throws {
        for unnumbered in change.unnumberedUsers {
            var user = unnumbered.user
            user.uidNumber = try freeNumber(.uid, in: unnumbered.range, of: user.cluster, on: &ground)
            try put(user, on: &ground)
        }
        for group in change.groups { try put(group, on: &ground) }
        for added in change.addedGroups { try add(added, on: &ground) }
        for key in change.keys { ground.keys.set(key.id, .init(revision: revision, written: key)) }
        ground.events += change.events
    }

    /// - Throws: `nameTaken`, `numberTaken`, `noSuchCluster`.
    func put(_ user: User, on ground: inout Ground) throws {
        guard ground.clusters[user.cluster] != nil else { throw StoreFailure.noSuchCluster(user.cluster) }
        let name = NameKey(user.cluster, user.username.text)
        if let holder = ground.names[name], holder != user.id {
            throw StoreFailure.nameTaken(user.username, in: user.cluster)
        }
        let uid = GrantKey(cluster: user.cluster, kind: .uid, number: user.uidNumber)
        try readIfUnknown(uid, on: &ground)
        let grant = ground.grants[uid]
        if let grant, grant.holder != user.id.text {
            throw StoreFailure.numberTaken(
                user.uidNumber, holder: grant.name, from: grant.from, until: grant.until)
        }
        give(
            uid, name: grant?.name ?? user.username.text, holder: user.id.text, from: grant?.from ?? time, until: nil,
            on: &ground)
        _ = giveGID(user.gidNumber, in: user.cluster, name: user.username.text, on: &ground)
        let before = ground.users[user.id]
        if let before, before.deletedTime == nil, before.name != name { ground.names.set(before.name, nil) }
        ground.names.set(name, user.id)
        ground.users.set(
            user.id,
            .init(
                cluster: user.cluster, uidNumber: user.uidNumber, name: name, revision: revision, deletedTime: nil,
                storedName: before?.storedName, written: user))
    }

    // MARK: Parts

    private func answer(_ request: AnsweredRequest, on ground: inout Ground) throws(StoreFailure) {
        if let before = ground.requests[request.digest], before.forgottenAfter >= time {
            throw .answered(before.outcome)
        }
        ground.requests.set(
            request.digest, .init(outcome: request.outcome, forgottenAfter: request.forgottenAfter))
    }

    private func holds(_ expected: Expectations, removing removed: [HPCUserID], on ground: Ground) -> Bool {
        func isUntouched(_ revision: Revision?) -> Bool { revision.map { $0 <= expected.revision } ?? false }
        return expected.users.allSatisfy { id in
            let user = ground.users[id]
            return user?.deletedTime == nil && isUntouched(user?.revision)
        }
            && expected.clusters.allSatisfy { isUntouched(ground.clusters[$0]?.revision) }
            && expected.groups.allSatisfy { key in
                let group = ground.groups[key]
                return group?.deletedTime == nil && isUntouched(group?.revision)
            }
            && expected.keys.allSatisfy { isUntouched(ground.keys[$0]?.revision) }
            && expected.missingClusters.allSatisfy { ground.clusters[$0] == nil }
            && expected.inhabitedClusters.allSatisfy { isInhabited($0, beside: removed, on: ground) }
    }

    private func isInhabited(_ cluster: ClusterID, beside removed: [HPCUserID], on ground: Ground) -> Bool {
        // Those that changes before this one in its group have added count too.
        let added = ground.users.written.lazy.filter { $0.row.cluster == cluster }.map(\.key)
        return (ground.inhabitants[cluster] ?? []).contains { isThere($0, on: ground) && !removed.contains($0) }
            || added.contains { isThere($0, on: ground) && !removed.contains($0) }
    }

    /// Whether a user that is in the database, or was put, is there still.
    private func isThere(_ id: HPCUserID, on ground: Ground) -> Bool { ground.users[id]?.deletedTime == nil }

    private func remove(_ id: HPCUserID, on ground: inout Ground) throws {
        guard var user = ground.users[id], user.deletedTime == nil else { return }
        let uid = GrantKey(cluster: user.cluster, kind: .uid, number: user.uidNumber)
        try readIfUnknown(uid, on: &ground)
        if let grant = ground.grants[uid], grant.holder == id.text {
            give(uid, name: grant.name, holder: grant.holder, from: grant.from, until: time, on: &ground)
        }
        // A group that loses a member changes.
        for key in ground.memberships[id] ?? [] {
            guard var group = ground.groups[key] else { continue }
            group.revision = revision
            ground.groups.set(key, group)
        }
        ground.memberships.set(id, [])
        ground.members.append(.leave(id))
        ground.names.set(user.name, nil)
        user.revision = revision
        user.deletedTime = time
        user.written?.password = nil
        ground.users.set(id, user)
    }

    private func remove(_ key: Group.Key, on ground: inout Ground) {
        guard var group = ground.groups[key], group.deletedTime == nil else { return }
        group.revision = revision
        group.deletedTime = time
        ground.groups.set(key, group)
        ground.groupNames.set(group.name, nil)
        replaceMembers(of: key, with: [], on: &ground)
        endGID(of: key, at: time, on: &ground)
    }

    private func put(_ group: Group, on ground: inout Ground) throws(StoreFailure) {
        let name = NameKey(group.cluster, group.name)
        if let holder = ground.groupNames[name], holder != group.key {
            throw .groupTaken(group.name, in: group.cluster)
        }
        if let before = ground.groups[group.key], before.deletedTime == nil, before.name != name {
            ground.groupNames.set(before.name, nil)
        }
        ground.groupNames.set(name, group.key)
        ground.groups.set(group.key, .init(name: name, revision: revision, deletedTime: nil, written: group))
        replaceMembers(of: group.key, with: group.members, on: &ground)
        endGID(of: group.key, at: nil, on: &ground)
    }

    private func add(_ added: Change.AddedGroup, on ground: inout Ground) throws {
        var group = added.group
        guard ground.clusters[group.cluster] != nil else { throw StoreFailure.noSuchCluster(group.cluster) }
        if let range = added.range {
            group.gidNumber = try freeNumber(.gid, in: range, of: group.cluster, on: &ground)
            try readIfUnknown(GrantKey(cluster: group.cluster, kind: .gid, number: group.gidNumber), on: &ground)
        }
        if let grant = giveGID(group.gidNumber, in: group.cluster, name: group.name, on: &ground) {
            throw StoreFailure.numberTaken(
                group.gidNumber, kind: .gid, holder: grant.name, from: grant.from, until: grant.until)
        }
        try put(group, on: &ground)
    }

    private func replaceMembers(of key: Group.Key, with members: [HPCUserID], on ground: inout Ground) {
        ground.members.append(.replace(key, members))
        let members = Set(members)
        for id in Array(ground.memberships.keys) {
            guard var groups = ground.memberships[id] else { continue }
            if members.contains(id) { groups.insert(key) } else { groups.remove(key) }
            if groups != ground.memberships[id] { ground.memberships.set(id, groups) }
        }
    }

    // MARK: Numbers

    /// A gid is shared, so it has no single holder: the first name it was given under is kept.
    /// - Returns: the grant where it was given before.
    private func giveGID(
        _ number: UInt32, in cluster: ClusterID, name: String, on ground: inout Ground
    ) -> NumberGrant? {
        let gid = GrantKey(cluster: cluster, kind: .gid, number: number)
        if let grant = ground.grants[gid] { return grant }
        give(gid, name: name, holder: "", from: time, until: nil, on: &ground)
        return nil
    }

    private func endGID(of group: Group.Key, at time: Timestamp?, on ground: inout Ground) {
        let gid = GrantKey(cluster: group.cluster, kind: .gid, number: group.gidNumber)
        guard let grant = ground.grants[gid], grant.until != time else { return }
        give(gid, name: grant.name, holder: grant.holder, from: grant.from, until: time, on: &ground)
    }

    private func give(
        _ key: GrantKey, name: String, holder: String, from: Timestamp, until: Timestamp?, on ground: inout Ground
    ) {
        let grant = NumberGrant(
            cluster: key.cluster, kind: key.kind, number: key.number, name: name, holder: holder, from: from,
            until: until)
        // A user that is changed keeps its number: a row that is written as it was is work for nothing.
        guard ground.grants[key] != grant else { return }
        ground.grants.set(key, grant)
        for range in Array(ground.largest.keys)
        where range.cluster == key.cluster && range.kind == key.kind && range.numbers.contains(key.number) {
            if ground.largest[range].map({ $0 < key.number }) ?? true { ground.largest.set(range, key.number) }
        }
    }

    /// Nobody else can write between the look and the grant: the transaction holds the lock of the revision.
    private func freeNumber(
        _ kind: NumberGrant.Kind, in numbers: ClosedRange<UInt32>, of cluster: ClusterID, on ground: inout Ground
    ) throws -> UInt32 {
        let range = NumberRange(cluster: cluster, kind: kind, numbers: numbers)
        guard let largest = ground.largest[range] else { return numbers.lowerBound }
        if largest < numbers.upperBound { return largest + 1 }
        // The end of the range is given: the first gap, if there is one.
        guard let gap = try firstGap(range, on: ground) else {
            throw StoreFailure.noNumberLeft(in: numbers, kind: kind, of: cluster)
        }
        return gap
    }

    private func firstGap(_ range: NumberRange, on ground: Ground) throws -> UInt32? {
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
                return ground.grants[GrantKey(cluster: range.cluster, kind: range.kind, number: number)] != nil
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

    private func readIfUnknown(_ key: GrantKey, on ground: inout Ground) throws {
        guard !ground.grants.knows(key) else { return }
        var wanted = Wanted()
        wanted.grants = [key]
        try ground.read(wanted, connection)
    }
}
