import NIOCore
import RosterDirectory
import RosterModel
import RosterServing
import RosterSnapshot

/// A search in progress, with one snapshot and one view of it from start to end.
struct EntrySearch {
    /// The remaining steps, the next one last.
    var steps: [Step]
    private var users: UserSearch?
    /// What follows the names of the users that `users` finds: the UTF-8 of a comma and the parent's name.
    private var parent: [UInt8] = []
    private var people: (cluster: ClusterID, parent: [UInt8])?
    private var userFilter: Filter?
    /// The outcome of sorting; nil if the client did not request it.
    let sortResult: SortResult?
    /// The entries to sort; nil if the search is not sorted.
    private var sorting: EntrySorting<Step>?
    let request: SearchRequest
    private let selection: AttributeSelection
    let tree: DirectoryInformationTree
    let snapshot: Snapshot
    let view: View
    /// What checking the filter against one entry costs.
    private let filterCost: Int
    /// How many more entries may be returned; nil is no limit.
    private var remainingSizeLimit: Int?

    /// What an identity may see of a snapshot.
    struct View {
        let scope: Scope
        /// The time that decides who has expired.
        let now: Timestamp
        /// Whether the connection can still start TLS: the server has a certificate and the connection is not
        /// encrypted.
        let offersTLS: Bool
    }

    enum Step {
        case entry(StaticEntry)
        /// Built only if it can match.
        case clusterEntry(ClusterEntry, ClusterID)
        /// A cluster and everything below it.
        case cluster(ClusterID)
        case users(ClusterID)
        case user(UserRow)
        case groups(ClusterID)
        /// A group, and the rest of the filter to check against it.
        case group(Group, SearchFilter)
        /// The map entries of a cluster.
        case maps(ClusterID)
        case mapEntry(MapEntry)
    }

    /// The result of one call of `advance`.
    enum Progress: Equatable {
        /// There is more to do.
        case paused
        case finished
        case sizeLimitExceeded
        /// The search has more entries to sort than allowed.
        case sortLimitExceeded
    }

    /// How a search is sorted.
    struct Sorting {
        let sort: EntrySort
        /// The memory that all sorted searches of the server share.
        let budget: ByteBudget
    }

    /// - Throws: `LDAPOperationError` if there is no such entry, or none that the caller may see.
    init(
        _ request: SearchRequest, at place: DirectoryInformationTree.DITNode, in tree: DirectoryInformationTree,
        snapshot: Snapshot, view: View, sizeLimit: Int, sorting: Sorting? = nil, sortResult: SortResult? = nil,
        cache: inout SearchCache
    ) throws(LDAPOperationError) {
        self.request = request
        filterCost = request.filter.nodeCount
        self.tree = tree
        self.snapshot = snapshot
        self.view = view
        self.sorting = sorting.map { EntrySorting($0.sort, budget: $0.budget) }
        self.sortResult = sortResult
        selection = cache.selection(
            of: request.attributes, typesOnly: request.typesOnly, catalog: snapshot.attributes)
        let (own, asked) = (sizeLimit, request.sizeLimit)
        remainingSizeLimit = own > 0 ? (asked > 0 ? min(own, asked) : own) : asked > 0 ? asked : nil
        steps = []
        steps = try firstSteps(at: place)
        if case .people(let cluster) = place {
            if cache.people?.cluster != cluster { cache.people = (cluster, parentOfUsers(of: cluster)) }
            people = cache.people
        }
    }

    private func parentOfUsers(of cluster: ClusterID) -> [UInt8] {
        if let people, people.cluster == cluster { return people.parent }
        return tree.parentOfUsers(of: cluster)
    }

    // MARK: Searching

    /// Writes entries into `writer` until the search ends, the writer holds `bytes`, or the work or page budget is used
    /// up.
    /// - Parameters:
    ///   - budget: how much work may be done, at least 1, counted down. Testing a user costs 1; other entries cost more
    ///     in proportion to their time.
    ///   - remainingPageSize: how many entries may be written, counted down.
    mutating func advance(
        id: Int32, into writer: inout ResponseWriter, bytes: Int, budget: inout Int, remainingPageSize: inout Int
    ) -> Progress {
        while true {
            guard budget > 0, remainingPageSize > 0, writer.buffer.readableBytes < bytes else { return .paused }
            if users != nil {
                guard let row = users?.next(budget: &budget) else {
                    if budget > 0 { users = nil }
                    continue
                }
                if isGathering {
                    budget -= Self.costOfEntry
                    guard gather(.user(row)) else { return .sortLimitExceeded }
                    continue
                }
                guard consumeSizeLimit(&remainingPageSize) else { return .sizeLimitExceeded }
                row.write(id: id, selection: selection, tree: tree, parent: parent, now: view.now, to: &writer)
                continue
            }
            guard let step = steps.popLast() else {
                guard let next = sorting?.next() else { return .finished }
                steps.append(next)
                continue
            }
            budget -= filterCost
            switch step {
            case .entry(let entry) where isGathering:
                guard entry.matches(request.filter, snapshot.attributes) else { continue }
                guard gather(step) else { return .sortLimitExceeded }
            case .entry(let entry):
                guard emitIfMatching(entry, id: id, to: &writer, remainingPageSize: &remainingPageSize) else {
                    return .sizeLimitExceeded
                }
            case .group(let group, let filter):
                budget -= group.members.count / Self.membersPerUnit
                guard let entry = entry(of: group), filter.lowered(for: entry, snapshot.attributes).constant == .yes
                else {
                    continue
                }
                if isGathering {
                    guard gather(.group(group, .and([]))) else { return .sortLimitExceeded }
                    continue
                }
                guard consumeSizeLimit(&remainingPageSize) else { return .sizeLimitExceeded }
                entry.write(id: id, selection: selection, to: &writer)
            case .maps(let cluster):
                if let maps = maps(of: cluster) { steps += self.steps(for: maps.all) }
            case .mapEntry(let entry):
                budget -= Self.costOfEntry
                guard let entry = view(of: entry),
                    request.filter.lowered(for: entry, snapshot.attributes).constant == .yes
                else {
                    continue
                }
                if isGathering {
                    guard gather(step) else { return .sortLimitExceeded }
                    continue
                }
                guard consumeSizeLimit(&remainingPageSize) else { return .sizeLimitExceeded }
                entry.write(id: id, selection: selection, to: &writer)
            case .clusterEntry(let kind, let cluster):
                guard !request.filter.isNever(of: kind), let entry = entry(kind, of: cluster) else { continue }
                guard !isGathering else {
                    steps.append(.entry(entry))
                    continue
                }
                guard emitIfMatching(entry, id: id, to: &writer, remainingPageSize: &remainingPageSize) else {
                    return .sizeLimitExceeded
                }
            case .cluster(let id):
                guard let cluster = snapshot.cluster(id) else { continue }
                steps += stepsBelow(id) + [.entry(tree.entry(of: cluster))]
            case .users(let cluster):
                guard let visibility = view.scope.visibility(in: cluster) else { continue }
                let filter = lowered()
                guard filter.constant.map({ $0 == .yes }) ?? true else { continue }
                parent = parentOfUsers(of: cluster)
                users = snapshot.search(filter, in: cluster, visibility: visibility)
            case .user(let row):
                guard lowered().matches(row) == .yes else { continue }
                if isGathering {
                    guard gather(step) else { return .sortLimitExceeded }
                    continue
                }
                guard consumeSizeLimit(&remainingPageSize) else { return .sizeLimitExceeded }
                let parent = parentOfUsers(of: row.cluster)
                row.write(id: id, selection: selection, tree: tree, parent: parent, now: view.now, to: &writer)
            case .groups(let cluster):
                guard let visibility = view.scope.visibility(in: cluster) else { continue }
                let plan = GroupSearchPlan(tree: tree, snapshot: snapshot, cluster: cluster, visibility: visibility)
                let (groups, rest) =
                    plan.candidates(request.filter) ?? (snapshot.groups(of: cluster), request.filter)
                steps += groups.reversed().map { .group($0, rest) }
            }
        }
    }

    /// How many members of a group cost as much as testing one user.
    private static let membersPerUnit = 32
    /// The cost of building an entry in memory instead of writing it directly.
    private static let costOfEntry = 7

    func entry(_ kind: ClusterEntry, of id: ClusterID) -> StaticEntry? {
        guard let cluster = snapshot.cluster(id) else { return nil }
        return switch kind {
        case .people: tree.unitEntry("People", of: cluster, hasSubordinates: snapshot.userCount(of: id) > 0)
        case .groups: tree.unitEntry("Group", of: cluster, hasSubordinates: snapshot.hasGroups(of: id))
        case .policy: tree.policyEntry(of: cluster)
        }
    }

    /// Whether matching entries are being gathered for sorting rather than written.
    private var isGathering: Bool { sorting?.isGathering ?? false }

    /// Gathers a matching entry for sorting; false if there are too many.
    private mutating func gather(_ step: Step) -> Bool {
        guard let sort = sorting?.sort else { return false }
        let values = sort.values { writer in
            switch step {
            case .user(let row):
                let parent = parentOfUsers(of: row.cluster)
                row.write(id: 1, selection: sort.selection, tree: tree, parent: parent, now: view.now, to: &writer)
            case .group(let group, _): entry(of: group)?.write(id: 1, selection: sort.selection, to: &writer)
            case .entry(let entry): entry.write(id: 1, selection: sort.selection, to: &writer)
            case .mapEntry(let entry): view(of: entry)?.write(id: 1, selection: sort.selection, to: &writer)
            default: break
            }
        }
        return sorting?.insert(step, values) ?? false
    }

    /// Writes the entry if it matches; false if it does but the size limit is reached.
    private mutating func emitIfMatching(
        _ entry: StaticEntry, id: Int32, to writer: inout ResponseWriter, remainingPageSize: inout Int
    ) -> Bool {
        guard entry.matches(request.filter, snapshot.attributes) else { return true }
        guard consumeSizeLimit(&remainingPageSize) else { return false }
        entry.write(id: id, selection: selection, to: &writer)
        return true
    }

    /// Counts one more entry; false if the size limit is reached.
    private mutating func consumeSizeLimit(_ remainingPageSize: inout Int) -> Bool {
        if let remainingSizeLimit {
            guard remainingSizeLimit > 0 else { return false }
            self.remainingSizeLimit = remainingSizeLimit - 1
        }
        remainingPageSize -= 1
        return true
    }

    private mutating func lowered() -> Filter {
        if let userFilter { return userFilter }
        let filter = request.filter.lowered(
            for: UserFilterTarget(tree: tree, snapshot: snapshot, now: view.now), snapshot.attributes)
        userFilter = filter
        return filter
    }
}
