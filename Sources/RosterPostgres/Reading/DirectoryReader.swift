import RosterModel
import RosterStore

/// Reads of several tables, each in one transaction that sees one state of the database.
struct DirectoryReader {
    let connection: ServerConnection

    init(_ connection: ServerConnection) {
        self.connection = connection
    }

    /// Begins a transaction that writes. Each statement sees what was committed before it began, so after waiting for a
    /// lock it sees the changes it waited for.
    static let beginWriting = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

    static let begin = Statement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    /// The server's timeline, which each failover increases, as eight hexadecimal digits; empty for a standby.
    static let timeline =
        "CASE WHEN pg_is_in_recovery() THEN '' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END"

    /// The newest revision and its timeline.
    static let newest = Statement("SELECT number, \(timeline) FROM meta WHERE name = 'revision'")

    /// Runs `body` in a transaction that sees one state of the database.
    func transaction<Value>(_ body: () throws -> Value) throws -> Value {
        _ = try connection.run([Self.begin])
        do {
            let value = try body()
            try connection.run("COMMIT")
            return value
        } catch {
            if PostgresStore.mayRollBack(error) { _ = try? connection.run("ROLLBACK") }
            throw error
        }
    }

    /// What changed after `revision` (nil if more than `limit` users did), the newest revision, and its timeline.
    func changes(since revision: Revision, atMost limit: Int) throws -> (Delta?, Revision, String) {
        let since = [Parameter.number(revision.number)]
        let answers: [Rows]
        do {
            answers = try connection.run([
                Self.begin, Self.newest, Statement(Cluster.select, since), Statement(Group.select, since),
                Statement(Group.selectMembers, since), Statement(AccessKey.select, since),
                Statement(
                    "\(User.select) WHERE revision > $1::bigint LIMIT $2::bigint",
                    since + [.number(Int64(limit + 1))]),
                Statement(MapEntry.select, since), Statement(AttributeDeclaration.select, since),
                Statement("COMMIT"),
            ])
        } catch {
            if PostgresStore.mayRollBack(error) { _ = try? connection.run("ROLLBACK") }
            throw error
        }
        let newest = Revision(answers[1].number(0, 0))
        let timeline = answers[1].text(0, 1)
        guard answers[6].count <= limit else { return (nil, newest, timeline) }
        var delta = Delta(from: revision, to: newest)
        delta.clusters = answers[2].indices.map { Cluster(answers[2], $0) }
        let groups = Group.read(answers[3], members: answers[4])
        delta.groups = groups.present
        delta.removedGroups = groups.removed.map(\.key)
        for (entry, removed) in MapEntry.read(answers[7]) {
            if removed == nil { delta.mapEntries.append(entry) } else { delta.removedMapEntries.append(entry.key) }
        }
        delta.keys = answers[5].indices.compactMap { AccessKey(answers[5], $0) }
        delta.attributes = AttributeDeclaration.read(answers[8])
        for index in answers[6].indices {
            let row = UserRow(rows: answers[6], index: index)
            let user = User(UserView(columns: row))
            if row.deletedTime == nil {
                delta.users.append(user)
            } else {
                delta.removedUsers.append(.init(id: user.id, cluster: user.cluster))
            }
        }
        return (delta, newest, timeline)
    }

    /// What an import into `clusters` needs; call it in a transaction that sees one state.
    func importBasis(for clusters: Set<ClusterID>, ids: Set<HPCUserID>) throws -> ImportBasis {
        let all = [Parameter.number(0)]
        let answers = try connection.run([
            Self.newest, Statement(Cluster.select, all), Statement(Group.select, all),
            Statement(Group.selectMembers, all),
            Statement(
                "SELECT hpcuser_id, cluster_id FROM users WHERE hpcuser_id = ANY($1::text[])",
                [.texts(ids.lazy.map(\.text))]),
            Statement(MapEntry.select, all), Statement(AttributeDeclaration.select, all),
        ])
        let groups = Group.read(answers[2], members: answers[3])
        var basis = ImportBasis(
            revision: Revision(answers[0].number(0, 0)), of: clusters,
            clusters: answers[1].indices.map { Cluster(answers[1], $0) }, groups: groups.present,
            removedGroups: groups.removed)
        basis.mapEntries = MapEntry.read(answers[5]).filter { $0.removed == nil && clusters.contains($0.entry.cluster) }
            .map(\.entry)
        basis.attributes = AttributeDeclaration.read(answers[6])
        for row in answers[4].indices {
            let id = HPCUserID(stored: answers[4].text(row, 0))
            basis.takenIDs[id] = ClusterID(stored: answers[4].text(row, 1))
        }
        let names = basis.clusters.map(\.id.text)
        guard !names.isEmpty else { return basis }
        // One scan of the table, however many clusters there are.
        let list = try names.map { name throws(ServerError) in try connection.literal(name) }.joined(separator: ", ")
        let query = "\(User.select) WHERE cluster_id = ANY(ARRAY[\(list)]::text[])"
        try connection.copy(query, columns: UserColumn.allCases.count) { row in
            basis.add(User(UserView(columns: row)), removed: row.deletedTime)
        }
        try connection.copy(
            "\(IDAllocation.selectAll) WHERE cluster_id = ANY(ARRAY[\(list)]::text[])",
            columns: IDAllocation.columnCount
        ) { row in
            if let allocation = IDAllocation(row) { basis.allocations.append(allocation) }
        }
        return basis
    }
}
