import GRDB
import RosterModel
import RosterStore

/// Writes a great many users. The connection's foreign keys are switched off while it does: that their clusters are there is
/// looked at once for each cluster, not for each user.
struct BulkWriter {
    let db: Database
    let revision: Revision
    let time: Timestamp
    /// Told how many users were written so far.
    let progress: (Int) -> Void

    /// The quick way does not lead to the end: a name, number or identifier is there already. The transaction has to be
    /// rolled back and written the thorough way, which finds out which.
    struct BulkInsertConflictError: Error {}

    /// Writes users, each of which may be new, there, or removed.
    /// - Throws: `nameTaken`, `numberTaken`, `noSuchCluster`.
    func put(_ users: [User]) throws {
        try checkClusters(of: users)
        var upsert = try RawStatement(db, User.upsert, parameters: User.parameterCount)
        var uids = try RawStatement(db, IDAllocation.giveUID, parameters: 5)
        for index in users.indices {
            if index % 10_000 == 0 { progress(index) }
            users[index].bind(to: &upsert, revision: revision)
            do {
                try upsert.run()
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
                throw StoreError.nameTaken(users[index].username, in: users[index].cluster)
            }
            guard try allocation(users[index], &uids) else { throw try IDAllocation.taken(users[index], db) }
        }
        try grantGIDs(of: users)
    }

    /// Whether the quick way pays and may lead to the end: there are few users so far, and none of `users` is among them.
    func mayInsert(_ users: [User]) throws -> Bool {
        let few = users.count / 8
        let present = try String.fetchSet(db, sql: "SELECT hpcuser_id FROM users LIMIT ?", arguments: [few + 1])
        return present.count <= few && (present.isEmpty || !users.contains { present.contains($0.id.text) })
    }

    /// Writes users that were never there: the indexes of their table are dropped and made again at the end, and the ledger is
    /// written from the table, both from sorted keys. Row by row it takes longer (docs/decisions/0004).
    /// - Throws: `BulkInsertConflictError`, `noSuchCluster`.
    func insert(_ users: [User]) throws {
        try checkClusters(of: users)
        let indexes = try Row.fetchAll(
            db,
            sql: "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'users' AND sql IS NOT NULL")
        for index in indexes { try db.execute(sql: "DROP INDEX \(index[0] as String)") }
        var insert = try RawStatement(db, User.insert, parameters: User.parameterCount)
        for index in users.indices {
            // What follows takes as long again.
            if index % 10_000 == 0 { progress(index / 2) }
            users[index].bind(to: &insert, revision: revision)
            try insert.run()
        }
        do {
            try grantGIDs(of: users)
            // In the order of the ledger's keys, so that its tree only grows at its end.
            try db.execute(
                sql: """
                    INSERT INTO number_ledger (cluster_id, kind, number, name, holder, from_time)
                    SELECT cluster_id, 'uid', uid_number, username, hpcuser_id, ? FROM users NOT INDEXED
                    WHERE revision = ? ORDER BY cluster_id, uid_number
                    """,
                arguments: [time.seconds, revision.number])
            progress(users.count / 4 * 3)
            for index in indexes { try db.execute(sql: index[1]) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw BulkInsertConflictError()
        }
    }

    private func checkClusters(of users: [User]) throws {
        var known: Set<ClusterID> = []
        var last: ClusterID?
        for cluster in users.lazy.map(\.cluster) where cluster != last {
            last = cluster
            guard known.insert(cluster).inserted else { continue }
            guard try db.hasRow("SELECT 1 FROM clusters WHERE cluster_id = ?", [cluster.text]) else {
                throw StoreError.noSuchCluster(cluster)
            }
        }
    }

    /// Whether the number is the user's now.
    private func allocation(_ user: User, _ uids: inout RawStatement) throws -> Bool {
        uids.bind(1, user.cluster.text)
        uids.bind(2, Int64(user.uidNumber))
        uids.bind(3, user.username.text)
        uids.bind(4, user.id.text)
        uids.bind(5, time.seconds)
        return try uids.run() == 1
    }

    private func grantGIDs(of users: [User]) throws {
        var seen: Set<IDAllocation.GID> = []
        var last: IDAllocation.GID?
        for index in users.indices {
            let gid = IDAllocation.GID(cluster: users[index].cluster, number: users[index].gidNumber)
            guard gid != last else { continue }
            last = gid
            guard seen.insert(gid).inserted else { continue }
            try gid.give(db, name: users[index].username.text, time: time)
        }
    }
}
