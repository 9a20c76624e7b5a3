package import RosterModel

extension Snapshot {
    /// Searches for the users of `cluster` that are visible and for which `filter` is true, in no particular order.
    ///
    /// Names, uids, identifiers and members of a group are looked up; parts of names, full names and mail addresses are
    /// searched for in all users at once. Only a filter with none of these is evaluated for each user of the cluster.
    /// Before `next` is called, only candidates are collected.
    package func search(_ filter: Filter, in cluster: ClusterID, visibility: Scope.Visibility) -> UserSearch {
        guard let number = index.numbers[cluster], filter.constant.map({ $0 == .yes }) ?? true else {
            return UserSearch(self, .rows([]), filter: .constant(.no))
        }
        let clusterIndex = index.clusterIndexes[number]
        if case .rows(let account) = visibility {
            let rows = index.rows(of: account).filter { index.table[$0].cluster == number }
            return UserSearch(self, .rows(rows), filter: filter)
        }
        switch SearchPlan(filter, clusterIndex, in: self) {
        case .none: return UserSearch(self, .rows([]), filter: .constant(.no))
        case .rows(let rows, let rest): return UserSearch(self, .rows(rows), filter: rest)
        case .all: return UserSearch(self, .cluster(number, clusterIndex.blocks), filter: filter)
        }
    }

    /// The user with that uid; nil if there is none.
    package func row(uid: UInt32, in cluster: ClusterID) -> UserRow? {
        index.row(uid: uid, in: cluster).map(index.row)
    }

    /// The user with that name, ignoring ASCII case; nil if there is none.
    package func row(named name: String, in cluster: ClusterID) -> UserRow? {
        index.row(named: name, in: cluster).map(index.row)
    }
}

/// A search in progress over its candidates.
package struct UserSearch: Sendable {
    enum Candidates: Sendable {
        case rows([RowID])
        /// All rows of a cluster, by its number, in these blocks.
        case cluster(ClusterNumber, [UInt32])
    }

    private let snapshot: Snapshot
    private let candidates: Candidates
    private let filter: Filter
    /// What checking a candidate costs.
    private let cost: Int
    /// The number of candidates that were checked: rows, or places in blocks.
    private var place = 0

    init(_ snapshot: Snapshot, _ candidates: Candidates, filter: Filter) {
        self.snapshot = snapshot
        self.candidates = candidates
        self.filter = filter
        cost = filter.nodeCount
    }

    /// Finds the next user.
    /// - Parameter budget: how many parts of filters may be checked against a candidate; reduced by those that were.
    /// - Returns: nil at the end, or if the budget is exhausted: `budget` is above 0 only at the end.
    package mutating func next(budget: inout Int) -> UserRow? {
        while budget > 0 {
            let row: RowID
            switch candidates {
            case .rows(let rows):
                guard place < rows.count else { return nil }
                row = rows[place]
                place += 1
                budget -= cost
            case .cluster(let number, let blocks):
                let (block, offset) = place.quotientAndRemainder(dividingBy: RowID.rowsPerBlock)
                guard block < blocks.count else { return nil }
                let rows = snapshot.index.table.blocks[Int(blocks[block])]
                guard offset < rows.count else {
                    place = (block + 1) * RowID.rowsPerBlock
                    continue
                }
                place += 1
                guard rows.live[offset], rows[offset].cluster == number else {
                    budget -= 1
                    continue
                }
                budget -= cost
                row = RowID(block: Int(blocks[block]), index: offset)
            }
            let user = snapshot.index.row(row)
            if filter.matches(user) == .yes { return user }
        }
        return nil
    }

    /// All users of the search; for tests and small results.
    package mutating func all() -> [UserRow] {
        var (users, budget): ([UserRow], Int) = ([], .max)
        while let user = next(budget: &budget) { users.append(user) }
        return users
    }
}

/// Where matching users can be.
private enum SearchPlan {
    case none
    /// Among these rows; a row matches the whole filter if it matches `rest`.
    case rows([RowID], rest: Filter)
    /// Anywhere in the cluster.
    case all

    init(_ filter: Filter, _ clusterIndex: ClusterIndex, in snapshot: Snapshot) {
        func found(_ row: RowID?) -> SearchPlan { row.map { .rows([$0], rest: .constant(.yes)) } ?? .none }
        switch filter {
        case .constant(let truth): self = truth == .yes ? .all : .none
        case .equals(.username, let name): self = Self.named(name, filter: filter, of: clusterIndex, in: snapshot)
        case .equalsByRule(.username, let name, _):
            // Texts that are equal with case are equal without.
            guard case .rows(let rows, _) = Self.named(name, filter: filter, of: clusterIndex, in: snapshot) else {
                self = .none
                return
            }
            self = .rows(rows, rest: filter)
        case .number(.uidNumber, .equal, let uid):
            self = found(snapshot.index.row(uid: uid, in: clusterIndex.cluster.id))
        case .equals(.hpcUserID, let text):
            let row = snapshot.index.row(of: HPCUserID(stored: text))
            self = found(row.flatMap { snapshot.index.cluster(of: $0) === clusterIndex ? $0 : nil })
        case .equals(.cluster, let text): self = text == clusterIndex.cluster.id.text ? .all : .none
        case .substring(.username, let substring):
            let pieces = [substring.start, substring.end].compactMap { $0 } + substring.parts
            let isExact = substring.start == nil && substring.end == nil && substring.parts.count == 1
            let longest = pieces.max { $0.utf8.count < $1.utf8.count } ?? ""
            let rest: Filter = isExact ? .constant(.yes) : filter
            self = longest.isEmpty ? .all : Self.holding(longest, rest: rest, of: clusterIndex, in: snapshot)
        case .all(let filters): self = Self.conjunction(filters, of: clusterIndex, in: snapshot)
        case .any(let filters): self = Self.disjunction(filters, whole: filter, of: clusterIndex, in: snapshot)
        case .isMember(let group?): self = Self.members(of: group, clusterIndex, in: snapshot)
        case .isMember(nil), .not, .present, .equals, .equalsByRule, .substring, .number, .hasTime, .time, .isLocked:
            self = .all
        // Most sites store no attributes.
        case .attribute(let attribute, let test):
            guard snapshot.index.table.hasAttributes else {
                self = .none
                return
            }
            guard let column = SearchColumn(attribute), let word = test.longestWord else {
                self = .all
                return
            }
            self = Self.holding(word, column: column, rest: filter, of: clusterIndex, in: snapshot)
        }
    }

    private static func named(
        _ name: String, filter: Filter, of clusterIndex: ClusterIndex, in snapshot: Snapshot
    ) -> SearchPlan {
        guard !name.isEmpty else { return .none }
        let isASCII = name.utf8.allSatisfy { $0 < 0x80 }
        if isASCII, let row = snapshot.index.row(named: name, in: clusterIndex.cluster.id) {
            return .rows([row], rest: .constant(.yes))
        }
        // The index ignores ASCII case only. Of the letters beyond ASCII, only the Kelvin sign folds into it.
        let mayBeFolded = !isASCII || name.utf8.contains { $0 | 0x20 == UInt8(ascii: "k") }
        let blocks = snapshot.index.table.blocks
        guard mayBeFolded, clusterIndex.blocks.contains(where: { blocks[Int($0)].names.folded != nil }) else {
            return .none
        }
        return holding(name, rest: filter, of: clusterIndex, in: snapshot)
    }

    private static func members(of group: Group.Key, _ clusterIndex: ClusterIndex, in snapshot: Snapshot) -> SearchPlan
    {
        guard group.cluster == clusterIndex.cluster.id, let found = clusterIndex.groups[group.gidNumber] else {
            return .none
        }
        let rows = clusterIndex.groups.members(of: found).compactMap { id in
            snapshot.index.row(of: id).flatMap { snapshot.index.cluster(of: $0) === clusterIndex ? $0 : nil }
        }
        return rows.isEmpty ? .none : .rows(rows, rest: .constant(.yes))
    }

    private static func holding(
        _ word: String, column: SearchColumn = .username, rest: Filter, of clusterIndex: ClusterIndex,
        in snapshot: Snapshot
    ) -> SearchPlan {
        let found = snapshot.found(by: UserMatcher(NameSearch(word), in: column), in: .list(clusterIndex.blocks)) {
            number in
            snapshot.index.clusterIndexes[number] === clusterIndex
        }
        return found.count == 0 ? .none : .rows(found.rows, rest: rest)
    }

    /// The smallest set of candidates that one part gives; the other parts remain to be checked.
    private static func conjunction(
        _ filters: [Filter], of clusterIndex: ClusterIndex, in snapshot: Snapshot
    ) -> SearchPlan {
        var best: (part: Int, rows: [RowID], rest: Filter)?
        // Lookups come before searches.
        costs: for cost in 0..<Filter.costs {
            for part in filters.indices where filters[part].cost == cost {
                switch SearchPlan(filters[part], clusterIndex, in: snapshot) {
                case .none: return .none
                case .all: continue
                case .rows(let rows, let rest):
                    if best.map({ rows.count < $0.rows.count }) ?? true { best = (part, rows, rest) }
                }
                if let best, best.rows.count <= 16 { break costs }
            }
        }
        guard let best else { return .all }
        var left = filters
        left[best.part] = best.rest
        return .rows(best.rows, rest: .allOf(left))
    }

    /// The candidates of all parts together, if each part gives some.
    private static func disjunction(
        _ filters: [Filter], whole: Filter, of clusterIndex: ClusterIndex, in snapshot: Snapshot
    ) -> SearchPlan {
        var numbers: [UInt32] = []
        for filter in filters {
            switch SearchPlan(filter, clusterIndex, in: snapshot) {
            case .none: continue
            case .all: return .all
            case .rows(let rows, _): numbers += rows.map(\.number)
            }
        }
        numbers.sort()
        var rows: [RowID] = []
        for number in numbers where rows.last?.number != number { rows.append(RowID(number)) }
        return rows.isEmpty ? .none : .rows(rows, rest: whole)
    }
}

extension SearchColumn {
    /// The column with the values of an attribute; nil if they cannot be searched for words.
    fileprivate init?(_ attribute: UserAttribute) {
        switch attribute {
        case .fullName: self = .fullName
        case .mail: self = .mail
        default: return nil
        }
    }
}

extension Filter.ValueTest {
    /// The longest word without spaces that every passing value contains, ignoring case; nil if there is none.
    fileprivate var longestWord: String? {
        let texts: [String]
        switch self {
        case .present, .number, .bytes, .name, .validKey: return nil
        case .equals(let text, _): texts = [text]
        case .substring(let substring):
            texts = [substring.start, substring.end].compactMap { $0 } + substring.parts
        }
        return texts.flatMap { $0.split(separator: " ") }.max { $0.utf8.count < $1.utf8.count }.map(String.init)
    }
}

extension Filter {
    /// The highest `cost` plus one.
    fileprivate static let costs = 5

    /// The approximate cost of finding the candidates: lookup, members of a group, search, or neither.
    fileprivate var cost: Int {
        switch self {
        case .constant, .equals(.username, _), .equalsByRule(.username, _, _), .equals(.hpcUserID, _),
            .number(.uidNumber, .equal, _):
            0
        case .all, .any: 1
        case .isMember(.some): 2
        case .substring(.username, _): 3
        case .attribute(let attribute, _) where SearchColumn(attribute) != nil: 3
        default: 4
        }
    }
}
