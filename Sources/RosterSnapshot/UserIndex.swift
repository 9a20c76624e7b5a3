import RosterModel

/// The users of a snapshot, indexed for all lookups. A value: a changed copy shares nearly everything with the
/// original, so that the cost of a change hardly grows with the number of users.
struct UserIndex: Sendable {
    private(set) var table: UserTable
    private var byID = RowHashIndex()
    private var byName = RowHashIndex()
    private var byUID = RowHashIndex()
    /// Sorted by account, then by row number.
    private var byAccount: OrderStatisticTree
    private(set) var clusterIndexes = ClusterIndexes()
    private(set) var numbers: [ClusterID: ClusterNumber] = [:]
    private(set) var zones: [Zone: ZoneIndex] = [:]

    /// Builds an index.
    /// - Parameter layout: the layout of the loaded users.
    init(_ layout: UserIndexBuilder, groups: [Group]) {
        table = layout.table
        byAccount = layout.byAccount
        byID = layout.byID
        byName = layout.byName
        byUID = layout.byUID
        for laidOut in layout.clusters.elements {
            let clusterIndex = ClusterIndex(laidOut.cluster, rows: laidOut.rows, blocks: laidOut.blocks)
            numbers[laidOut.cluster.id] = clusterIndexes.append(clusterIndex)
        }
        for (zone, clusters) in Dictionary(grouping: layout.clusters.elements.map(\.cluster), by: \.zone) {
            zones[zone] = ZoneIndex(
                clusters: Set(clusters.map(\.id)), rows: layout.rowsOfZone[zone] ?? SortIndexes())
        }
        change(groups: groups, removing: [])
        checkCounts()
    }

    /// Checks that blocks, clusters, zones and accounts have the same number of users. This is done once, when an index
    /// is built, because later indexes are derived from it.
    private func checkCounts() {
        let perCluster = (0..<clusterIndexes.count).reduce(0) { $0 + clusterIndexes[ClusterNumber($1)].rows.count }
        precondition(perCluster == table.count, "the clusters have other users than the blocks")
        precondition(
            zones.values.reduce(0) { $0 + $1.rows.count } == table.count, "the zones have other users than the blocks")
        precondition(byAccount.count == table.count, "the accounts have other users than the blocks")
    }

    // MARK: Finding

    func clusterIndex(of cluster: ClusterID) -> ClusterIndex? { numbers[cluster].map { clusterIndexes[$0] } }

    func cluster(of row: RowID) -> ClusterIndex { clusterIndexes[table[row].cluster] }

    func row(_ row: RowID) -> UserRow {
        UserRow(block: table.block(of: row), index: row.index, clusterIndex: cluster(of: row))
    }

    func row(of id: HPCUserID) -> RowID? {
        let tail = PackedIdentifier(id.text, prefix: PackedIdentifier.userPrefix)
        return byID.row(RowHash.hash(tail.bits)) { row in
            table[row].id == tail.bits
                && (tail.isComplete && !table[row].flags.contains(.longID)
                    || table.block(of: row).withID(row.index) { id.text.utf8.elementsEqual($0) })
        }
    }

    /// The row of the user with that name; nil if there is none.
    /// - Parameter name: in any case of ASCII letters.
    func row(named name: String, in cluster: ClusterID) -> RowID? {
        guard let number = numbers[cluster] else { return nil }
        var name = name
        return name.withUTF8 { name in
            byName.row(RowHash.hash(name, in: number)) { row in
                guard table[row].cluster == number else { return false }
                return table.block(of: row).names.name(row.index).equalsIgnoringASCIICase(name)
            }
        }
    }

    func row(uid: UInt32, in cluster: ClusterID) -> RowID? {
        guard let number = numbers[cluster] else { return nil }
        return byUID.row(RowHash.hash(uid, in: number)) { row in
            table[row].uidNumber == uid && table[row].cluster == number
        }
    }

    func rows(of account: AccountID) -> [RowID] {
        let key = AccountKey(account)
        var rows: [RowID] = []
        let first = byAccount.firstPlace { table.accountKey(of: $0) < key }
        byAccount.forEach(from: first, isReversed: false) { row in
            guard table.accountKey(of: row) == key else { return false }
            rows.append(row)
            return true
        }
        return rows
    }

    // MARK: Changing

    mutating func upsert(_ cluster: Cluster) {
        guard let number = numbers[cluster.id] else {
            numbers[cluster.id] = clusterIndexes.append(ClusterIndex(cluster))
            zones[cluster.zone] = (zones[cluster.zone] ?? ZoneIndex()).adding(cluster.id)
            return
        }
        let before = clusterIndexes[number]
        clusterIndexes[number] = before.with(cluster)
        if before.cluster.zone != cluster.zone { move(before, to: cluster.zone) }
    }

    /// Moves a cluster's users to another zone.
    private mutating func move(_ clusterIndex: ClusterIndex, to zone: Zone) {
        let keys = UserQuery.SortKey.allCases
        var rows: [RowID] = []
        clusterIndex.rows[.createTime].forEach(from: 0, isReversed: false) { row in
            rows.append(row)
            return true
        }
        let (before, after) = (zones[clusterIndex.cluster.zone] ?? ZoneIndex(), zones[zone] ?? ZoneIndex())
        var (left, joined) = (before.rows, after.rows)
        for row in rows {
            left.remove(row, by: keys, in: table)
            joined.insert(row, by: keys, in: table)
        }
        let emptied = before.with(left).removing(clusterIndex.cluster.id)
        zones[clusterIndex.cluster.zone] = emptied.clusters.isEmpty ? nil : emptied
        zones[zone] = after.with(joined).adding(clusterIndex.cluster.id)
    }

    /// Removes groups, then inserts others or replaces those with the same gid. Groups of unknown clusters are skipped.
    mutating func change(groups: [Group], removing removed: [Group.Key]) {
        guard !groups.isEmpty || !removed.isEmpty else { return }
        let upserted = Dictionary(grouping: groups, by: \.cluster)
        let gone = Dictionary(grouping: removed, by: \.cluster)
        for cluster in Set(upserted.keys).union(gone.keys) {
            guard let number = numbers[cluster] else { continue }
            var changed = clusterIndexes[number].groups
            // Removals come first: the name of a removed group may meanwhile belong to another.
            for key in gone[cluster] ?? [] { changed.remove(key.gidNumber) }
            for group in upserted[cluster] ?? [] { changed.upsert(group) }
            clusterIndexes[number] = clusterIndexes[number].with(changed)
        }
    }

    /// Inserts a user, or replaces the one with the same identifier. A user of an unknown cluster is skipped.
    mutating func upsert(_ user: User) {
        guard let number = numbers[user.cluster] else { return }
        guard let row = row(of: user.id), table[row].cluster == number else {
            remove(user.id)
            add(user, to: number)
            return
        }
        let before = self.row(row).user
        var keys = UserTable.keysThatDiffer(before, user)
        // Hashes and orders use the stored bytes, so bytes are compared, not strings made of them: a store may hold
        // bytes that are not valid UTF-8.
        let isNamed = !table.block(of: row).names.name(row.index).elementsEqual(user.username.text.utf8)
        if isNamed, !keys.contains(.username) { keys.append(.username) }
        let isNumbered = before.uidNumber != user.uidNumber
        let isMoved = table.accountKey(of: row) != AccountKey(user.account)
        if isNamed { byName.remove(row, hash: table.nameHash(of: row)) }
        if isNumbered { byUID.remove(row, hash: table.uidHash(of: row)) }
        if isMoved { byAccount.remove(row, precedes: table.precedesByAccount) }
        resort(row, number: number, by: keys) { rows, table in rows.remove(row, by: keys, in: table) }
        user.withFields { table.replace(row, with: $0, cluster: number) }
        resort(row, number: number, by: keys, isAtNewPlace: keys.contains(.createTime)) { rows, table in
            rows.insert(row, by: keys, in: table)
        }
        if isNamed { byName.insert(row, hash: table.nameHash(of: row), rehash: table.nameHash) }
        if isNumbered { byUID.insert(row, hash: table.uidHash(of: row), rehash: table.uidHash) }
        if isMoved { byAccount.insert(row, precedes: table.precedesByAccount) }
    }

    private mutating func add(_ user: User, to number: ClusterNumber) {
        let row = user.withFields { table.add($0, cluster: number) }
        byID.insert(row, hash: table.idHash(of: row), rehash: table.idHash)
        byName.insert(row, hash: table.nameHash(of: row), rehash: table.nameHash)
        byUID.insert(row, hash: table.uidHash(of: row), rehash: table.uidHash)
        byAccount.insert(row, precedes: table.precedesByAccount)
        let keys = UserQuery.SortKey.allCases
        resort(row, number: number, by: keys, isAtNewPlace: true) { rows, table in rows.insert(row, by: keys, in: table)
        }
    }

    /// Removes a user, if it exists.
    mutating func remove(_ id: HPCUserID) {
        guard let row = row(of: id) else { return }
        byID.remove(row, hash: table.idHash(of: row))
        byName.remove(row, hash: table.nameHash(of: row))
        byUID.remove(row, hash: table.uidHash(of: row))
        byAccount.remove(row, precedes: table.precedesByAccount)
        let keys = UserQuery.SortKey.allCases
        resort(row, number: table[row].cluster, by: keys) { rows, table in rows.remove(row, by: keys, in: table) }
        table.remove(row)
    }

    /// Changes the orders of a row's cluster and zone.
    private mutating func resort(
        _ row: RowID, number: ClusterNumber, by keys: [UserQuery.SortKey], isAtNewPlace: Bool = false,
        change: (inout SortIndexes, UserTable) -> Void
    ) {
        guard !keys.isEmpty else { return }
        let clusterIndex = clusterIndexes[number]
        var rows = clusterIndex.rows
        change(&rows, table)
        clusterIndexes[number] = clusterIndex.with(rows, changed: isAtNewPlace ? row : nil)
        if let zone = zones[clusterIndex.cluster.zone] {
            var rows = zone.rows
            change(&rows, table)
            zones[clusterIndex.cluster.zone] = zone.with(rows)
        }
    }
}
