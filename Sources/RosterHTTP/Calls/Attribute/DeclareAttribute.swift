import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/attribute/declareAttribute`: declares an attribute of users. An addition to the vendor's API.
struct DeclareAttribute: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/attribute/declareAttribute"
    static let action = "HpcAttributeDeclareAttributeResponse"
    static let summary = "Declares an attribute of users, or changes a declaration."
    static let access = CallAccess.globalAdministrator
    static let parameters: [ParameterDescription] = [
        .anyZone, .attributeName,
        ParameterDescription(
            "syntax", .choice(AttributeDeclaration.Syntax.allCases.map(\.rawValue)), isRequired: true, example: "text",
            meaning: "What a value can be."),
        ParameterDescription("multiple", .flag, meaning: "1 lets a user have several values."),
        ParameterDescription("searchable", .flag, meaning: "1 lets search_in of the user list name it, for text only."),
        ParameterDescription(
            "oid", .text(maximumBytes: 256), meaning: "Its object identifier; the server makes one if it is absent."),
    ]

    let handler: AttributeCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try CommandBody(request)
        let name = try body.text("name")
        guard let syntax = try body.json.choice("syntax", AttributeDeclaration.Syntax.self) else {
            throw .invalid("syntax", "is missing")
        }
        return try await handler.execute(
            .declare(
                name: name, oid: try body.json.optional("oid"), syntax: syntax,
                isMultiple: try body.json.flag("multiple"), isSearchable: try body.json.flag("searchable")),
            by: request.actor)
    }
}

extension ParameterDescription {
    /// The parameter that names a declared attribute.
    static let attributeName = ParameterDescription(
        "name", .text(maximumBytes: 64), isRequired: true, example: "projectCode", meaning: "The attribute's name.")

    /// The zone of a command about all zones.
    static let anyZone = ParameterDescription(
        "zone", .zone, isRequired: true, example: "zone1",
        meaning: "A zone of the directory, which may stand in the query too; declarations are for all zones.")
}
