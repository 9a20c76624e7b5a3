import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/map/putEntry`: creates a map entry, or replaces the one at the same place. An addition to the vendor's
/// API.
struct PutMapEntry: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/map/putEntry"
    static let action = "HpcMapPutEntryResponse"
    static let summary = "Creates a map entry, or replaces the one at the same place."
    static let access = CallAccess.globalAdministrator
    static let parameters =
        .cluster + [
            .place,
            ParameterDescription(
                "kind", .choice(MapEntry.Kind.allCases.map(\.rawValue)), isRequired: true,
                example: "organizationalUnit",
                meaning: "The object class of the entry."),
            ParameterDescription(
                "attributes", .names(maximum: MapEntry.maximumValues, maximumBytes: maximumLineBytes),
                meaning: "The values of the entry, each as `name: value`. The value that names the "
                    + "entry need not be repeated."),
        ]

    /// The longest name of an attribute is far below 64 bytes.
    private static let maximumLineBytes = MapAttribute.maximumValueBytes + 64

    let handler: MapCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        let place = try MapPlace(text: try body.json.required("place"))
        let kind = try MapEntry.Kind(parameter: try body.json.required("kind"))
        var attributes = MapAttributes()
        let lines = try body.json.texts(
            "attributes", maximumCount: MapEntry.maximumValues, maximumBytes: Self.maximumLineBytes)
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), let attribute = MapAttribute(name: line[..<colon]) else {
                throw .invalid("attributes", "holds something else than the name of an attribute, a colon and a value")
            }
            attributes[attribute].append(String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        return try await handler.execute(
            .upsert(kind, at: place, attributes), cluster: cluster, zone: body.zone, by: request.actor)
    }
}
