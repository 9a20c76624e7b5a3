import Dispatch
import RosterModel
import RosterStore
import Synchronization

/// Reads the whole directory: two connections see the same state of the database, and each reads half of the users.
struct ParallelLoader {
    private let connection: ServerConnection
    private let second: ConnectionQueue
    private let count: CountedUsers

    /// - Parameter second: reads the other half.
    init(
        _ connection: ServerConnection, beside second: ConnectionQueue, progress: @escaping @Sendable (Int) -> Void
    ) {
        self.connection = connection
        self.second = second
        count = CountedUsers(progress: progress)
    }

    /// The directory at its newest revision, and its timeline.
    func run() throws -> (DirectoryContents, String) {
        let reading = DirectoryReader(connection)
        return try reading.transaction {
            let all = [Parameter.number(0)]
            let answers = try connection.run([
                DirectoryReader.newest, Statement(Cluster.select, all), Statement(Group.select, all),
                Statement(Group.selectMembers, all), Statement(AccessKey.select, all),
                Statement("SELECT pg_relation_size('users') / current_setting('block_size')::bigint / 2"),
                Statement(MapEntry.select, all), Statement(AttributeDeclaration.select, all),
            ])
            var contents = DirectoryContents(revision: Revision(answers[0].number(0, 0)))
            contents.clusters = answers[1].indices.map { Cluster(answers[1], $0) }
            contents.groups = Group.read(answers[2], members: answers[3]).present
            contents.mapEntries = MapEntry.read(answers[6]).filter { $0.removed == nil }.map(\.entry)
            contents.keys = answers[4].indices.compactMap { AccessKey(answers[4], $0) }
            contents.attributes = AttributeDeclaration.read(answers[7])
            let middle = "'(\(answers[5].number(0, 0)),0)'::tid"
            let rest = try half("ctid >= \(middle)")
            let users = contents.loaded
            try Self.read("ctid < \(middle)", on: connection, into: users, count: count)
            if let loaded = rest() {
                users.merge(loaded)
            } else {
                try Self.read("ctid >= \(middle)", on: connection, into: users, count: count)
            }
            return (contents, answers[0].text(0, 1))
        }
    }

    /// Starts reading the users that match `condition` on the second connection.
    /// - Returns: a function that waits for them; it returns nil if that connection failed.
    private func half(_ condition: String) throws(ServerError) -> () -> UserArena? {
        let snapshot = try connection.literal(try connection.run("SELECT pg_export_snapshot()").text(0, 0))
        let done = DispatchSemaphore(value: 0)
        let box = ResultBox()
        second.start { [count] queue in
            defer { done.signal() }
            guard let connection = try? queue.connected() else { return }
            let users = UserArena()
            let isRead: ()? = try? DirectoryReader(connection).transaction {
                try connection.runScript("SET TRANSACTION SNAPSHOT \(snapshot)")
                try Self.read(condition, on: connection, into: users, count: count)
            }
            if isRead != nil { box.value.withLock { $0 = users } }
        }
        return {
            done.wait()
            return box.value.withLock { $0 }
        }
    }

    private final class ResultBox: Sendable {
        let value = Mutex<UserArena?>(nil)
    }

    private static func read(
        _ condition: String, on connection: ServerConnection, into users: UserArena, count: CountedUsers
    ) throws(ServerError) {
        let query = "\(User.select) WHERE deleted_time IS NULL AND \(condition)"
        try connection.copy(query, columns: UserColumn.allCases.count) { row in
            users.add(UserView(columns: row))
            count.addOne(users.count)
        }
    }
}

/// How many users both connections have read, reported every 10,000 users of a connection.
private final class CountedUsers: Sendable {
    private let total = Atomic<Int>(0)
    private let progress: @Sendable (Int) -> Void

    private static let step = 10_000

    init(progress: @escaping @Sendable (Int) -> Void) {
        self.progress = progress
    }

    /// - Parameter own: how many users the calling connection has read.
    func addOne(_ own: Int) {
        guard own % Self.step == 0 else { return }
        progress(total.add(Self.step, ordering: .relaxed).newValue)
    }
}
