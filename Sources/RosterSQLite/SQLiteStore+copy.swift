import Foundation
import GRDB
package import Roster

extension SQLiteStore: CopyableStore {
    package func pour(into handover: RecordHandover) async throws(StoreFailure) {
        do throws(StoreFailure) {
            try await read { db in try Self.pour(db, into: handover) }
            handover.close()
        } catch {
            handover.abandon()
            throw error
        }
    }

    private static func pour(_ db: Database, into handover: RecordHandover) throws {
        _ = handover.put(.revision(try newestRevision(db)))
        for cluster in try Cluster.fetch(db) { _ = handover.put(.cluster(cluster)) }
        let users = try Row.fetchCursor(db, sql: User.select)
        while let row = try users.next() {
            guard handover.put(.user(User(row), removed: User.deletedTime(row))) else { return }
        }
        let groups = try Group.fetchAll(db, after: .none)
        for group in groups.present { _ = handover.put(.group(group, removed: nil)) }
        for group in groups.removed {
            let row = try db.firstRow(
                "SELECT deleted_time FROM groups WHERE cluster_id = ? AND gid_number = ?",
                [group.cluster.text, Int64(group.gidNumber)])
            _ = handover.put(.group(group, removed: (row?[0] as Int64?).map { Timestamp(seconds: $0) }))
        }
        for key in try AccessKey.fetch(db) { _ = handover.put(.key(key)) }
        let requests = try Row.fetchCursor(
            db, sql: "SELECT digest, expires, job_id, code, message FROM answered_requests")
        while let row = try requests.next() { _ = handover.put(.request(AnsweredRequest(row))) }
        for cluster in try Cluster.fetch(db) {
            for grant in try NumberGrant.fetch(db, of: cluster.id) {
                guard handover.put(.grant(grant)) else { return }
            }
        }
        var last: Int64 = 0
        while case let events = try LoggedEvent.fetch(db, after: last, limit: 10_000), let end = events.last {
            for event in events { guard handover.put(.event(event)) else { return } }
            last = end.sequence
        }
    }

    package func fill(from handover: RecordHandover) async throws(StoreFailure) {
        do {
            try await pool.write { db in
                guard try Self.newestRevision(db) == .none, try !db.hasRow("SELECT 1 FROM clusters LIMIT 1", []),
                    try !db.hasRow("SELECT 1 FROM access_keys LIMIT 1", [])
                else { throw StoreFailure.notEmpty }
                while let batch = handover.next() {
                    for record in batch { try Self.write(record, db) }
                }
                guard handover.isWhole else {
                    throw StoreFailure.unavailable(cause: "the other store could not be read to its end")
                }
            }
        } catch {
            handover.abandon()
            throw StoreFailure(translating: error)
        }
    }

    private static func write(_ record: StoreRecord, _ db: Database) throws {
        switch record {
        case .revision(let revision):
            try db.run("UPDATE meta SET number = ? WHERE name = 'revision'", [revision.number])
        case .cluster(let cluster): try cluster.write(db, revision: cluster.revision)
        case .user(let user, let removed):
            try db.run(User.insertCopy, user.arguments(revision: user.revision) + [removed?.seconds])
        case .group(let group, let removed):
            try group.write(db, revision: group.revision, removed: removed)
        case .grant(let grant):
            try db.run(
                """
                INSERT INTO number_ledger (cluster_id, kind, number, name, holder, from_time, until_time)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    grant.cluster.text, grant.kind.rawValue, Int64(grant.number), grant.name, grant.holder,
                    grant.from.seconds, grant.until?.seconds,
                ])
        case .key(let key): try key.write(db, revision: key.revision)
        case .event(let logged): try logged.write(db)
        case .request(let request): try request.write(db)
        }
    }
}
