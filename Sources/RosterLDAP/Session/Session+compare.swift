import RosterDirectory
import RosterModel
import RosterSnapshot

extension Session {
    func compare(_ request: CompareRequest) throws(LDAPOperationError) -> Truth {
        guard let place = server.settings.tree.place(of: request.entry) else {
            throw LDAPOperationError(.invalidDNSyntax, "the name is malformed")
        }
        let snapshot = server.directory.snapshot
        let isOpen = place == .root || place == .subschema
        let view = EntrySearch.View(
            scope: isOpen ? .clusters([:]) : try scope(in: snapshot), now: server.directory.now,
            offersTLS: server.settings.tls != nil && !isEncrypted)
        let name = request.assertion.attribute
        if snapshot.attributes.declaredAttribute(named: name) == nil {
            guard let type = AttributeType(name) ?? AttributeType(withOptions: name) else {
                throw LDAPOperationError(.undefinedAttributeType, "the attribute is not known")
            }
            guard type != .userPassword else {
                throw LDAPOperationError(.insufficientAccessRights, "passwords are compared by a bind only")
            }
        }
        func test(_ filter: SearchFilter) throws(LDAPOperationError) -> Truth {
            try EntrySearch.test(
                at: place, in: server.settings.tree, snapshot: snapshot, view: view, filter: filter)
        }
        guard try test(.present(request.assertion.attribute)) == .yes else {
            throw LDAPOperationError(.noSuchAttribute, "")
        }
        let truth = try test(.equality(request.assertion))
        guard truth != .undefined else {
            throw LDAPOperationError(.invalidAttributeSyntax, "the value is none of the attribute's, or has no rule")
        }
        return truth
    }
}
