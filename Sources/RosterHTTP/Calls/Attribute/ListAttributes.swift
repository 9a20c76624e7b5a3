import HTTPTypes
import RosterModel
import RosterSnapshot

/// `GET /api/attribute`: the attributes that the site declares. An addition to the vendor's API.
struct ListAttributes: SnapshotCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/attribute"
    static let action = "HpcAttributeListAttributesResponse"
    static let summary = "Lists the attributes that the site declares."
    static let access = CallAccess.everyKey
    static let parameters =
        [ParameterDescription("zone", .zone, isRequired: true, example: "zone1", meaning: "Any zone of the directory.")]
        + .page

    static let answer = [AnswerMember].page("attribute_set", of: .named("Attribute", AttributeDeclaration.members))

    /// - Throws: `invalidParameter`, `notFound`.
    func write(_ request: AuthenticatedRequest, to json: inout JSONWriter) throws(RosterError) {
        let page = try PageParameters(CallParameters(request.request))
        _ = try request.requiredZone()
        var attributes = request.snapshot.attributes.declared
        if page.isReversed { attributes.reverse() }
        json.key("total_count")
        json.number(attributes.count)
        json.key("attribute_set")
        json.array { json in
            for case .declared(let declaration) in attributes.dropFirst(page.offset).prefix(page.limit) {
                json.object { json in declaration.writeMembers(to: &json) }
            }
        }
    }
}

extension AttributeDeclaration {
    fileprivate static let members = [
        AnswerMember("create_time", .time, meaning: "When the attribute was declared."),
        AnswerMember("multiple", .flag, meaning: "1 if a user can have several values."),
        AnswerMember("name", .text, meaning: "The name of the attribute."),
        AnswerMember("oid", .text, meaning: "The object identifier."),
        AnswerMember("searchable", .flag, meaning: "1 if search_in of the user list may name it."),
        AnswerMember("syntax", .choice(Syntax.allCases.map(\.rawValue)), meaning: "What a value can be."),
    ]

    fileprivate func writeMembers(to json: inout JSONWriter) {
        json.key("create_time")
        json.string(createTime.iso8601)
        json.key("multiple")
        json.string(isMultiple ? "1" : "0")
        json.key("name")
        json.string(name)
        json.key("oid")
        json.string(oid)
        json.key("searchable")
        json.string(isSearchable ? "1" : "0")
        json.key("syntax")
        json.string(syntax.rawValue)
    }
}
