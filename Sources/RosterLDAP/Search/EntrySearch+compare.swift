import RosterModel
import RosterSnapshot

extension EntrySearch {
    /// The result of the filter for the one entry that a compare is about.
    static func test(
        at place: DirectoryInformationTree.DITNode, in tree: DirectoryInformationTree, snapshot: Snapshot, view: View,
        filter: SearchFilter
    ) throws(LDAPOperationError) -> Truth {
        let request = SearchRequest(
            base: [], scope: .base, sizeLimit: 0, timeLimit: 0, typesOnly: false, filter: filter, attributes: [])
        var cache = SearchCache()
        let search = try EntrySearch(
            request, at: place, in: tree, snapshot: snapshot, view: view, sizeLimit: 0, cache: &cache)
        switch search.steps.last {
        case .entry(let entry): return filter.lowered(for: entry, snapshot.attributes).constant ?? .undefined
        case .group(let group, _)?:
            return search.entry(of: group).flatMap { filter.lowered(for: $0, snapshot.attributes).constant }
                ?? .undefined
        case .mapEntry(let entry)?:
            return search.view(of: entry).flatMap { filter.lowered(for: $0, snapshot.attributes).constant }
                ?? .undefined
        case .clusterEntry(let kind, let cluster)?:
            return search.entry(kind, of: cluster).flatMap { filter.lowered(for: $0, snapshot.attributes).constant }
                ?? .undefined
        case .user(let row):
            return filter.lowered(
                for: UserFilterTarget(tree: tree, snapshot: snapshot, now: view.now), snapshot.attributes
            ).matches(row)
        default: return .undefined
        }
    }
}
