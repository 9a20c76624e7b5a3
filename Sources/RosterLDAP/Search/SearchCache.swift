import RosterModel

extension EntrySearch {
    /// What a connection remembers from the previous search, because a client repeats its searches below the same base.
    struct SearchCache {
        /// The requested lists of attributes, the newest last: a client typically has one for users and one for groups.
        private var selections: [(attributes: ArraySlice<UInt8>, selection: AttributeSelection)] = []
        /// A cluster, and what follows the names of its users.
        var people: (cluster: ClusterID, parent: [UInt8])?

        private static let maximumSelections = 4

        mutating func selection(
            of attributes: ArraySlice<UInt8>, typesOnly: Bool, catalog: AttributeCatalog
        ) -> AttributeSelection {
            for known in selections
            where known.attributes.count == attributes.count && known.selection.typesOnly == typesOnly
                && known.selection.catalog === catalog && known.attributes == attributes
            {
                return known.selection
            }
            let selection = AttributeSelection(attributes, typesOnly: typesOnly, catalog: catalog)
            if selections.count >= Self.maximumSelections { selections.removeFirst() }
            // Copied, so as not to retain the message that it came in.
            selections.append((Array(attributes)[...], selection))
            return selection
        }
    }
}
