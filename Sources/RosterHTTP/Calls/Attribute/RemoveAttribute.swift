import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/attribute/removeAttribute`: removes a declaration that no user needs. An addition to the vendor's API.
struct RemoveAttribute: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/attribute/removeAttribute"
    static let action = "HpcAttributeRemoveAttributeResponse"
    static let summary = "Removes the declaration of an attribute that no user needs."
    static let access = CallAccess.globalAdministrator
    static let parameters: [ParameterDescription] = [.anyZone, .attributeName]

    let handler: AttributeCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try CommandBody(request)
        return try await handler.execute(.remove(name: try body.text("name")), by: request.actor)
    }
}
