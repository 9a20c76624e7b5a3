import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/map/removeEntry`: an addition to the vendor's API.
struct RemoveMapEntry: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/map/removeEntry"
    static let action = "HpcMapRemoveEntryResponse"
    static let summary = "Removes a map entry."
    static let access = CallAccess.globalAdministrator
    static let parameters =
        .cluster + [
            .place,
            ParameterDescription("subordinates", .flag, meaning: "1 removes the entries below it too."),
        ]

    let handler: MapCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        let place = try MapPlace(text: try body.json.required("place"))
        let withSubordinates = try body.json.flag("subordinates")
        return try await handler.execute(
            .remove(place, withSubordinates: withSubordinates), cluster: cluster, zone: body.zone, by: request.actor)
    }
}
