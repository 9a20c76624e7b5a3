import Foundation
import GRDB
import Roster

/// Writes one change inside the transaction that makes it true.
struct ChangeWriter {
    let db: Database
    let revision: Revision
    let time: Timestamp
    /// Told how many users were written so far.
    let progress: (Int) -> Void

    func write(_ change: Change, chaining: any EventChaining) throws {
        for cluster in change.clusters { try cluster.write(db, revision: revision) }
        for id in change.removedUsers { try remove(id) }
        try put(change.users)
        for group in change.groups { try put(group) }
        for key in change.keys { try key.write(db, revision: revision) }
        try append(change.events, chaining: chaining)
    }

    private func remove(_ id: HPCUserID) throws {
        try db.execute(
            sql: """
                UPDATE number_ledger SET until_time = ? WHERE kind = 'uid' AND holder = ?2
                AND (cluster_id, number) = (SELECT cluster_id, uid_number FROM users WHERE hpcuser_id = ?2)
                """,
            arguments: [time.seconds, id.text])
        try db.execute(sql: "DELETE FROM group_members WHERE hpcuser_id = ?", arguments: [id.text])
        try db.execute(
            sql: """
                UPDATE users SET deleted_time = ?, revision = ?, password_hash = NULL
                WHERE hpcuser_id = ? AND deleted_time IS NULL
                """,
            arguments: [time.seconds, revision.number, id.text])
    }

    private func put(_ users: [User]) throws {
        let upsert = try db.makeStatement(sql: User.upsert)
        let grant = try db.makeStatement(sql: Self.grantUID)
        var gids: Set<GrantedGID> = []
        for (index, user) in users.enumerated() {
            if index % 10_000 == 0 { progress(index) }
            do {
                try upsert.execute(arguments: user.arguments(revision: revision))
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
                throw StoreFailure.conflict("username \(user.username) is taken in cluster \(user.cluster)")
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
                throw StoreFailure.conflict("cluster_id: no such cluster \(user.cluster)")
            }
            try grant.execute(arguments: [
                user.cluster.text, Int64(user.uidNumber), user.username.text, user.id.text, time.seconds,
            ])
            guard db.changesCount == 1 else { throw try taken(user) }
            if gids.insert(GrantedGID(cluster: user.cluster, number: user.gidNumber)).inserted {
                try grantGID(user.gidNumber, in: user.cluster, name: user.username.text)
            }
        }
    }

    /// Gives a number, or gives it back to the same user; a number of anybody else is left alone and counts no change.
    private static let grantUID = """
        INSERT INTO number_ledger (cluster_id, kind, number, name, holder, from_time) VALUES (?, 'uid', ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET until_time = NULL WHERE holder = excluded.holder
        """

    private struct GrantedGID: Hashable {
        let cluster: ClusterID
        let number: UInt32
    }

    /// A gid is shared, so it has no single holder: the first name it was given under is kept.
    private func grantGID(_ number: UInt32, in cluster: ClusterID, name: String) throws {
        try db.execute(
            sql: """
                INSERT INTO number_ledger (cluster_id, kind, number, name, holder, from_time)
                VALUES (?, 'gid', ?, ?, '', ?) ON CONFLICT DO NOTHING
                """,
            arguments: [cluster.text, Int64(number), name, time.seconds])
    }

    private func taken(_ user: User) throws -> StoreFailure {
        let row = try Row.fetchOne(
            db, sql: "SELECT name, from_time FROM number_ledger WHERE cluster_id = ? AND kind = 'uid' AND number = ?",
            arguments: [user.cluster.text, Int64(user.uidNumber)])
        guard let row else { return .conflict("uid_number \(user.uidNumber) is taken in cluster \(user.cluster)") }
        let name: String = row[0]
        return .conflict(
            "uid_number \(user.uidNumber) was given to \(name) on \(Timestamp(seconds: row[1])); "
                + "a number is never given again")
    }

    private func put(_ group: Group) throws {
        do {
            try group.write(db, revision: revision)
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
            throw StoreFailure.conflict("group \(group.name) is there already in cluster \(group.cluster)")
        }
        try grantGID(group.gidNumber, in: group.cluster, name: group.name)
    }

    private func append(_ events: [OperationEvent], chaining: any EventChaining) throws {
        guard !events.isEmpty else { return }
        let last = try Row.fetchOne(db, sql: "SELECT sequence, code FROM operations ORDER BY sequence DESC LIMIT 1")
        var sequence: Int64 = last?[0] ?? 0
        var code: [UInt8] = last.map { Array($0[1] as Data) } ?? []
        for event in events {
            sequence += 1
            code = chaining.code(after: code, of: event.chainedBytes(sequence: sequence))
            try LoggedEvent(sequence: sequence, event: event, code: code).write(db)
        }
    }
}
