import Roster

extension Session {
    func compare(_ request: CompareRequest) throws(RefusedOperation) -> Truth {
        guard let place = server.settings.tree.place(of: request.entry) else {
            throw RefusedOperation(.invalidDNSyntax, "the name is malformed")
        }
        let snapshot = server.directory.snapshot
        let isOpen = place == .root || place == .subschema
        let view = EntrySearch.View(
            scope: isOpen ? .clusters([:]) : try scope(in: snapshot),
            offersTLS: server.settings.tls != nil && !isEncrypted)
        guard let type = AttributeType(request.assertion.attribute) else {
            throw RefusedOperation(.undefinedAttributeType, "the attribute is not known")
        }
        guard type != .userPassword else {
            throw RefusedOperation(.insufficientAccessRights, "passwords are compared by a bind only")
        }
        func ask(_ filter: SearchFilter) throws(RefusedOperation) -> Truth {
            try EntrySearch.entry(
                at: place, in: server.settings.tree, snapshot: snapshot, view: view, filter: filter)
        }
        guard try ask(.present(request.assertion.attribute)) == .yes else {
            throw RefusedOperation(.noSuchAttribute, "")
        }
        let truth = try ask(.equality(request.assertion))
        guard truth != .undefined else {
            throw RefusedOperation(.invalidAttributeSyntax, "the value is none of the attribute's, or has no rule")
        }
        return truth
    }
}
