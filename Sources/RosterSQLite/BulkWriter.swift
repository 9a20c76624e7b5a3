import GRDB
import Roster

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
    struct NotAllNew: Error {}

    /// Writes users, each of which may be new, there, or removed.
    /// - Throws: `nameTaken`, `numberTaken`, `noSuchCluster`.
    func put(_ users: [User]) throws {
        try checkClusters(of: users)
        var upsert = try RawStatement(db, User.upsert)
        var uids = try RawStatement(db, NumberGrant.giveUID)
        for index in users.indices {
            if index % 10_000 == 0 { progress(index) }
            users[index].bind(to: &upsert, revision: revision)
            do {
                try upsert.run()
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
                throw StoreFailure.nameTaken(users[index].username, in: users[index].cluster)
            }
            guard try grant(users[index], &uids) else { throw try NumberGrant.taken(users[index], db) }
        }
        try grantGIDs(of: users)
    }

    /// Whether the quick way pays and may lead to the end: there are few users so far, and none of `users` is among them.
    func mayInsert(_ users: [User]) throws -> Bool {
        let few = users.count / 8
        let present = try String.fetchSet(db, sql: "SELECT hpcuser_id FROM users LIMIT ?", arguments: [few + 1])
        return present.count <= few && (present.isEmpty || !users.contains { present.contains($0.id.text) })
    }

    /// Writes users that were never there: the indexes of their table are dropped and made again at the end, from sorted
    /// keys, and the ledger is written in the order of its keys. Row by row it takes longer (docs/decisions/0004).
    /// - Throws: `NotAllNew`, `noSuchCluster`.
    func insert(_ users: [User]) throws {
        try checkClusters(of: users)
        let indexes = try Row.fetchAll(
            db,
            sql: "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'users' AND sql IS NOT NULL")
        for index in indexes { try db.execute(sql: "DROP INDEX \(index[0] as String)") }
        var insert = try RawStatement(db, User.insert)
        for index in users.indices {
            if index % 10_000 == 0 { progress(index / 2) }
            users[index].bind(to: &insert, revision: revision)
            try insert.run()
        }
        try grantGIDs(of: users)
        var uids = try RawStatement(db, NumberGrant.giveUID)
        for (index, place) in LedgerOrder.places(of: users).enumerated() {
            if index % 10_000 == 0 { progress((users.count + index) / 2) }
            guard try grant(users[place], &uids) else { throw NotAllNew() }
        }
        do {
            for index in indexes { try db.execute(sql: index[1]) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw NotAllNew()
        }
    }

    private func checkClusters(of users: [User]) throws {
        var known: Set<ClusterID> = []
        var last: ClusterID?
        for cluster in users.lazy.map(\.cluster) where cluster != last {
            last = cluster
            guard known.insert(cluster).inserted else { continue }
            guard try db.hasRow("SELECT 1 FROM clusters WHERE cluster_id = ?", [cluster.text]) else {
                throw StoreFailure.noSuchCluster(cluster)
            }
        }
    }

    /// Whether the number is the user's now.
    private func grant(_ user: User, _ uids: inout RawStatement) throws -> Bool {
        uids.bind(1, user.cluster.text)
        uids.bind(2, Int64(user.uidNumber))
        uids.bind(3, user.username.text)
        uids.bind(4, user.id.text)
        uids.bind(5, time.seconds)
        return try uids.run() == 1
    }

    private func grantGIDs(of users: [User]) throws {
        var seen: Set<NumberGrant.GID> = []
        var last: NumberGrant.GID?
        for index in users.indices {
            let gid = NumberGrant.GID(cluster: users[index].cluster, number: users[index].gidNumber)
            guard gid != last else { continue }
            last = gid
            guard seen.insert(gid).inserted else { continue }
            try gid.give(db, name: users[index].username.text, time: time)
        }
    }
}

/// The order in which users' numbers stand in the ledger: by cluster and number. Rows that come in the order of their keys
/// are appended to the table's tree, others tear it apart.
private struct LedgerOrder {
    private var key: UInt64
    private let place: UInt32

    /// Where in `users` the next one is, and the next.
    static func places(of users: [User]) -> [Int] {
        var ordinals: [ClusterID: UInt64] = [:]
        var clusters: [ClusterID] = []
        var last: (cluster: ClusterID, ordinal: UInt64)?
        var order: [LedgerOrder] = []
        order.reserveCapacity(users.count)
        for place in users.indices {
            let cluster = users[place].cluster
            let ordinal: UInt64
            if let last, last.cluster == cluster {
                ordinal = last.ordinal
            } else if let known = ordinals[cluster] {
                ordinal = known
            } else {
                ordinal = UInt64(clusters.count)
                ordinals[cluster] = ordinal
                clusters.append(cluster)
            }
            last = (cluster, ordinal)
            order.append(LedgerOrder(key: ordinal << 32 | UInt64(users[place].uidNumber), place: UInt32(place)))
        }
        var ranks = [UInt64](repeating: 0, count: clusters.count)
        for (rank, ordinal) in clusters.indices.sorted(by: { clusters[$0] < clusters[$1] }).enumerated() {
            ranks[ordinal] = UInt64(rank)
        }
        for index in order.indices {
            let key = order[index].key
            order[index].key = ranks[Int(key >> 32)] << 32 | key & 0xFFFF_FFFF
        }
        order.sort { $0.key < $1.key }
        return order.map { Int($0.place) }
    }
}
