import Foundation
import GRDB
import RosterModel
package import RosterStore

extension SQLiteStore: CopyableStore {
    package func export(to receiver: some RecordReceiver) async throws(StoreError) {
        do throws(StoreError) {
            try await read { db in try Self.export(db, to: receiver) }
            receiver.close()
        } catch {
            receiver.cancel()
            throw error
        }
    }

    private static func export(_ db: Database, to receiver: some RecordReceiver) throws {
        _ = receiver.send(.revision(try newestRevision(db)))
        for cluster in try Cluster.fetch(db) { _ = receiver.send(.cluster(cluster)) }
        var users = try RawRows(db, User.select, columns: User.columnCount)
        while try users.next() {
            try users.checkUser()
            guard receiver.send(.user(User(UserView(columns: users)), removed: users.deletedTime)) else { return }
        }
        for record in try DeletionRecord.fetch(db) { _ = receiver.send(.deletion(record)) }
        let groups = try Group.fetchAll(db, after: .none)
        for group in groups.present { _ = receiver.send(.group(group, removed: nil)) }
        for group in groups.removed {
            let row = try db.firstRow(
                "SELECT deleted_time FROM groups WHERE cluster_id = ? AND gid_number = ?",
                [group.cluster.text, Int64(group.gidNumber)])
            _ = receiver.send(.group(group, removed: (row?[0] as Int64?).map { Timestamp(seconds: $0) }))
        }
        for (entry, removed) in try MapEntry.fetch(db) {
            guard receiver.send(.mapEntry(entry, removed: removed)) else { return }
        }
        for key in try AccessKey.fetch(db) { _ = receiver.send(.key(key)) }
        for declaration in try AttributeDeclaration.fetch(db) { _ = receiver.send(.attribute(declaration)) }
        let requests = try Row.fetchCursor(db, sql: IdempotencyRecord.select)
        while let row = try requests.next() { _ = receiver.send(.request(IdempotencyRecord(row))) }
        for cluster in try Cluster.fetch(db) {
            for allocation in try IDAllocation.fetch(db, of: cluster.id) {
                guard receiver.send(.allocation(allocation)) else { return }
            }
        }
        _ = receiver.send(.loginsSince(try LoginHistory.since(db)))
        for login in try LoginHistory.fetch(db, since: nil).logins {
            guard receiver.send(.login(login)) else { return }
        }
        var last: Int64 = 0
        while case let events = try LoggedEvent.fetch(db, after: last, limit: 10_000), let end = events.last {
            for event in events { guard receiver.send(.event(event)) else { return } }
            last = end.sequence
        }
    }

    package func restore(from channel: BoundedChannel) async throws(StoreError) {
        do {
            try await pool.write { db in
                guard try Self.newestRevision(db) == .none, try !db.hasRow("SELECT 1 FROM clusters LIMIT 1", []),
                    try !db.hasRow("SELECT 1 FROM access_keys LIMIT 1", [])
                else { throw StoreError.notEmpty }
                while let batch = channel.receive() {
                    for record in batch { try Self.write(record, db) }
                }
                guard channel.isComplete else {
                    throw StoreError.unavailable(cause: "the other store could not be read to its end")
                }
            }
        } catch {
            channel.cancel()
            throw StoreError(translating: error)
        }
    }

    private static func write(_ record: StoreRecord, _ db: Database) throws {
        switch record {
        case .revision(let revision):
            try db.run("UPDATE meta SET number = ? WHERE name = 'revision'", [revision.number])
        case .cluster(let cluster): try cluster.upsert(db, revision: cluster.revision)
        case .user(let user, let removed):
            try db.run(User.insert, user.arguments(revision: user.revision, deletedTime: removed))
        case .deletion(let record): try record.upsert(db)
        case .group(let group, let removed):
            try group.upsert(db, revision: group.revision, deletedTime: removed)
            try group.key.replaceMembers(group.members, db)
        case .mapEntry(let entry, let removed): try entry.upsert(db, revision: entry.revision, deletedTime: removed)
        case .allocation(let allocation):
            try allocation.upsert(db)
        case .key(let key): try key.upsert(db, revision: key.revision)
        case .attribute(let declaration): try declaration.upsert(db)
        case .event(let logged): try logged.insert(db)
        case .request(let request): try request.upsert(db)
        case .loginsSince(let time): try LoginHistory.set(since: time, db)
        case .login(let login): try login.merge(db, writtenAt: LoginHistory.clock(db))
        }
    }
}
