import Foundation
import GRDB
import RosterModel
import RosterStore

/// Writes one change inside the transaction that makes it true.
struct ChangeWriter {
    let db: Database
    let revision: Revision
    let time: Timestamp
    let gaps: FreeIDHints
    let way: WriteStrategy
    /// Told how many users were written so far.
    let progress: (Int) -> Void

    /// How users are written.
    enum WriteStrategy {
        /// A few, among other changes.
        case single
        /// A great many, which may all be new: `BulkWriter.BulkInsertConflictError` is thrown where that turns out wrong.
        case quick
        /// A great many, whatever they are.
        case thorough
    }

    func write(_ change: Change, chaining: any EventChaining) throws {
        if let request = change.request {
            try checkNotAnswered(request)
            try request.write(db)
        }
        if let preconditions = change.preconditions {
            guard try preconditions.hold(db, removing: change.removedUsers) else { throw StoreError.outdated }
        }
        for id in change.newIDs {
            let isTaken = try db.hasRow("SELECT 1 FROM users WHERE hpcuser_id = ?", [id.text])
            if isTaken { throw StoreError.outdated }
        }
        for cluster in change.clusters { try cluster.write(db, revision: revision) }
        for key in change.removedGroups { try remove(key) }
        // Before the users: a gid is called after its group where it has one.
        for group in change.groups {
            try IDAllocation.GID(group.key).give(db, name: group.name, time: time)
        }
        for id in change.removedUsers { try remove(id) }
        if way == .single { try put(change.users) } else { try putMany(change.users, way) }
        for unnumbered in change.unnumberedUsers {
            var user = unnumbered.user
            user.uidNumber = try freeNumber(.uid, in: unnumbered.range, of: user.cluster)
            try put([user])
        }
        for group in change.groups { try put(group) }
        for added in change.addedGroups { try add(added) }
        for key in change.keys { try key.write(db, revision: revision) }
        try append(change.events, chaining: chaining)
    }

    private func remove(_ id: HPCUserID) throws {
        let present = try db.firstRow(
            "SELECT cluster_id, uid_number FROM users WHERE hpcuser_id = ? AND deleted_time IS NULL", [id.text])
        guard let present else { return }
        let (cluster, uid): (String, Int64) = (present[0], present[1])
        try db.run(
            """
            UPDATE number_ledger SET until_time = ?
            WHERE cluster_id = ? AND kind = 'uid' AND number = ? AND holder = ?
            """,
            [time.seconds, cluster, uid, id.text])
        // A group that loses a member changes.
        try db.run(
            """
            UPDATE groups SET revision = ? WHERE (cluster_id, gid_number) IN
            (SELECT cluster_id, gid_number FROM group_members WHERE hpcuser_id = ?)
            """,
            [revision.number, id.text])
        try db.run("DELETE FROM group_members WHERE hpcuser_id = ?", [id.text])
        try db.run(
            "UPDATE users SET deleted_time = ?, revision = ?, password_hash = NULL WHERE hpcuser_id = ?",
            [time.seconds, revision.number, id.text])
    }

    private func put(_ users: [User]) throws {
        let upsert = try db.cachedStatement(sql: User.upsert)
        let uid = try db.cachedStatement(sql: IDAllocation.giveUID)
        var gids: Set<IDAllocation.GID> = []
        for user in users {
            do {
                try upsert.execute(arguments: user.arguments(revision: revision))
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
                throw StoreError.nameTaken(user.username, in: user.cluster)
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
                throw StoreError.noSuchCluster(user.cluster)
            }
            try uid.execute(arguments: [
                user.cluster.text, Int64(user.uidNumber), user.username.text, user.id.text, time.seconds,
            ])
            guard db.changesCount == 1 else { throw try IDAllocation.taken(user, db) }
            let gid = IDAllocation.GID(cluster: user.cluster, number: user.gidNumber)
            if gids.insert(gid).inserted { try gid.give(db, name: user.username.text, time: time) }
        }
    }

    private func putMany(_ users: [User], _ way: WriteStrategy) throws {
        let writer = BulkWriter(db: db, revision: revision, time: time, progress: progress)
        if way == .quick, try writer.mayInsert(users) { try writer.insert(users) } else { try writer.put(users) }
    }

    /// Nobody else can write between the look and the grant: the transaction holds the write lock.
    func freeNumber(
        _ kind: IDAllocation.Kind, in range: ClosedRange<UInt32>, of cluster: ClusterID
    ) throws -> UInt32 {
        let largest = try db.firstRow(
            """
            SELECT number FROM number_ledger WHERE cluster_id = ? AND kind = ? AND number BETWEEN ? AND ?
            ORDER BY number DESC LIMIT 1
            """,
            [cluster.text, kind.rawValue, Int64(range.lowerBound), Int64(range.upperBound)])
        guard let largest = largest?[0] as UInt32? else { return range.lowerBound }
        if largest < range.upperBound { return largest + 1 }
        // The end of the range is given: the first gap, if there is one.
        guard let gap = try firstGap(kind, in: range, of: cluster) else {
            throw StoreError.noNumberLeft(in: range, kind: kind, of: cluster)
        }
        return gap
    }

    private func firstGap(
        _ kind: IDAllocation.Kind, in range: ClosedRange<UInt32>, of cluster: ClusterID
    ) throws -> UInt32? {
        var number = gaps.lowest(kind, from: range.lowerBound, in: cluster)
        guard number <= range.upperBound else { return nil }
        let given = try db.rows(
            """
            SELECT number FROM number_ledger WHERE cluster_id = ? AND kind = ? AND number BETWEEN ? AND ?
            ORDER BY number
            """,
            [cluster.text, kind.rawValue, Int64(number), Int64(range.upperBound)])
        // The largest number of all is nobody's, so adding one does not overflow.
        while let row = try given.next(), row[0] == number { number += 1 }
        gaps.note(number, kind, from: range.lowerBound, in: cluster)
        return number <= range.upperBound ? number : nil
    }

    /// Throws the answer that `request` was given before; forgets requests that are no longer valid.
    private func checkNotAnswered(_ request: IdempotencyRecord) throws {
        try db.run("DELETE FROM answered_requests WHERE expires < ?", [time.seconds])
        let row = try db.firstRow(
            "SELECT digest, expires, job_id, code, message FROM answered_requests WHERE digest = ?",
            [Data(request.digest)])
        if let row { throw StoreError.answered(IdempotencyRecord(row).outcome) }
    }

    private func append(_ events: [OperationEvent], chaining: any EventChaining) throws {
        guard !events.isEmpty else { return }
        let last = try db.firstRow("SELECT sequence, code FROM operations ORDER BY sequence DESC LIMIT 1")
        var sequence: Int64 = last?[0] ?? 0
        var code: [UInt8] = last.map { Array($0[1] as Data) } ?? []
        for event in events {
            sequence += 1
            code = chaining.code(after: code, of: event.chainedBytes(sequence: sequence))
            try LoggedEvent(sequence: sequence, event: event, code: code).write(db)
        }
    }
}
