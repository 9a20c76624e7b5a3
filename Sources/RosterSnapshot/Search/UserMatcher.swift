import RosterModel

/// The conditions of a query, prepared once for all users. It is a class, so that searching a block does not retain and
/// release each of its parts.
final class UserMatcher {
    /// Whether there is a search word: a user matches if one of the columns or of the uid ranges does.
    private let hasWord: Bool
    private let search: NameSearch
    private let columns: [SearchColumn]
    private let uids: [ClosedRange<UInt32>]
    /// Declared attributes to search for `substring`; no index has their words.
    private let attributes: [UserAttribute]
    private let substring: Filter.Substring
    private let conditions: Conditions?

    private struct Conditions {
        let conditions: UserConditions
        /// The key of the requested username.
        let username: [UInt8]?
        /// By cluster, the gid and the members of the requested group; nil if no group is requested.
        let groups: [ClusterNumber: (gid: UInt32, members: Set<RowID>)]?
    }

    /// Matches the users with a word in one column.
    init(_ search: NameSearch, in column: SearchColumn) {
        hasWord = true
        self.search = search
        columns = [column]
        uids = []
        attributes = []
        substring = Filter.Substring()
        conditions = nil
    }

    /// Matches the users of a query.
    /// - Parameter query: must not match every user (`UserQuery.matchesAll`).
    init(_ query: UserQuery, in snapshot: Snapshot) {
        let text = query.searchWord ?? ""
        hasWord = !text.isEmpty
        search = NameSearch(text)
        columns =
            query.searchFields.map { fields in SearchColumn.allCases.filter { fields.contains($0.field) } } ?? [
                .username
            ]
        uids = query.searchFields?.contains(.uidNumber) == true ? SearchField.uids(beginningWith: text) : []
        attributes = query.searchAttributes
        substring = Filter.Substring(parts: [text])
        conditions = query.conditions.map { conditions in
            let groups = conditions.groupName.map { name in
                Self.groups(named: name, in: snapshot, of: query.zone, cluster: query.cluster)
            }
            return Conditions(
                conditions: conditions, username: conditions.username.map { Array(Username.key(of: $0).utf8) },
                groups: groups)
        }
    }

    private static func groups(
        named name: String, in snapshot: Snapshot, of zone: Zone, cluster: ClusterID?
    ) -> [ClusterNumber: (gid: UInt32, members: Set<RowID>)] {
        var groups: [ClusterNumber: (gid: UInt32, members: Set<RowID>)] = [:]
        for (id, number) in snapshot.index.numbers where cluster.map({ $0 == id }) ?? true {
            let clusterIndex = snapshot.index.clusterIndexes[number]
            guard clusterIndex.cluster.zone == zone, let group = clusterIndex.groups[named: name] else { continue }
            groups[number] = (
                group.gidNumber, Set(clusterIndex.groups.members(of: group).compactMap { snapshot.index.row(of: $0) })
            )
        }
        return groups
    }

    /// One bit for each block of a group of blocks that may contain a matching user.
    func candidates(in group: Int, of table: UserTable) -> UInt64 {
        guard hasWord, uids.isEmpty, attributes.isEmpty else { return .max }
        return columns.reduce(0) { $0 | table.trigrams[$1].candidates(in: group, grams: search.grams) }
    }

    /// Sets the bits of the matching rows of `block`.
    /// - Parameter rows: the words of an empty `BlockMask`.
    /// - Returns: false if there is certainly none.
    func find(in block: UserBlock, _ number: Int, _ rows: UnsafeMutablePointer<UInt64>) -> Bool {
        if hasWord {
            guard findWord(in: block, rows) else { return false }
        } else {
            for index in 0..<BlockMask.wordCount { rows[index] = .max }
        }
        for index in 0..<BlockMask.wordCount { rows[index] &= block.liveWords[index] }
        guard conditions != nil else { return true }
        for index in 0..<BlockMask.wordCount {
            var rest = rows[index]
            while rest != 0 {
                let bit = rest.trailingZeroBitCount
                rest &= rest &- 1
                if !fulfilsConditions(block, row: index * 64 + bit, number: number) {
                    rows[index] &= ~(1 << UInt64(bit))
                }
            }
        }
        return true
    }

    private func findWord(in block: UserBlock, _ rows: UnsafeMutablePointer<UInt64>) -> Bool {
        // Usually a single column is searched, directly into `rows`.
        if uids.isEmpty, attributes.isEmpty, columns.count == 1 {
            guard let texts = block.texts(of: columns[0]) else { return false }
            return search.find(in: texts, rows)
        }
        var union = BlockMask()
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: BlockMask.wordCount) { words in
            guard let base = words.baseAddress else { return }
            for column in columns {
                guard let texts = block.texts(of: column) else { continue }
                words.initialize(repeating: 0)
                guard search.find(in: texts, base) else { continue }
                for index in 0..<BlockMask.wordCount { union.words[index] |= base[index] }
            }
        }
        if !uids.isEmpty {
            for row in 0..<block.count {
                let uid = block[row].uidNumber
                if uids.contains(where: { $0.contains(uid) }) { union[row] = true }
            }
        }
        if !attributes.isEmpty, block.hasAttributes {
            for row in 0..<block.count where !union[row] && hasAttribute(block, row) { union[row] = true }
        }
        for index in 0..<BlockMask.wordCount { rows[index] = union.words[index] }
        return union != BlockMask()
    }

    /// Whether one of the attributes contains the search word.
    private func hasAttribute(_ block: UserBlock, _ row: Int) -> Bool {
        let text = block.attributes(row)
        return attributes.contains { attribute in
            UserAttributes.hasValue(of: attribute, in: text) { substring.isIn($0, ignoresCase: true) }
        }
    }

    /// Whether the user of a row matches.
    func matches(_ block: UserBlock, _ row: RowID) -> Bool {
        if hasWord {
            let isFound = columns.contains { column in
                block.texts(of: column).map { search.isIn($0.foldableName(row.index)) } ?? false
            }
            let uid = block[row.index].uidNumber
            guard isFound || uids.contains(where: { $0.contains(uid) }) || hasAttribute(block, row.index) else {
                return false
            }
        }
        return fulfilsConditions(block, row: row.index, number: row.block)
    }

    private func fulfilsConditions(_ block: UserBlock, row: Int, number: Int) -> Bool {
        guard let conditions else { return true }
        let (wanted, record) = (conditions.conditions, block[row])
        if let uid = wanted.uidNumber, record.uidNumber != uid { return false }
        if let gid = wanted.gidNumber, record.gidNumber != gid { return false }
        if let role = wanted.role, record.role != role { return false }
        if let state = wanted.state, Self.state(of: record, block.expires(row), at: wanted.now) != state {
            return false
        }
        if let groups = conditions.groups {
            guard let group = groups[record.cluster] else { return false }
            let isMember =
                record.gidNumber == group.gid || group.members.contains(RowID(block: number, index: row))
            guard isMember else { return false }
        }
        if let hasPassword = wanted.hasPassword, block.password(row).isEmpty == hasPassword { return false }
        if let unused = wanted.unused {
            let isUsed = record.createTime >= unused.since.seconds || block.withID(row) { unused.active.contains($0) }
            if isUsed { return false }
        }
        guard let username = conditions.username else { return true }
        let name = block.names.name(row)
        return name.equalsIgnoringASCIICase(username)
    }

    private static func state(
        of record: UserRecord, _ expires: Timestamp?, at now: Timestamp
    ) -> UserConditions.State {
        if record.state == .locked { return .locked }
        return record.state.isActive(at: now, expires: expires) ? .active : .expired
    }
}

extension SearchColumn {
    fileprivate var field: SearchField {
        switch self {
        case .username: .username
        case .fullName: .fullName
        case .mail: .mail
        }
    }
}

extension UserQuery {
    /// Whether the query matches every user in its view.
    var matchesAll: Bool { searchWord?.isEmpty != false && conditions == nil }
}
