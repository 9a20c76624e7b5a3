import HTTPTypes
import RosterDirectory
import RosterModel
import RosterSnapshot

/// `GET /api/map/describeEntry`: everything about one map entry. An addition to the vendor's API.
struct DescribeMapEntry: SnapshotCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/map/describeEntry"
    static let action = "HpcMapDescribeEntryResponse"
    static let summary = "Shows everything about one map entry."
    static let access = CallAccess.wholeCluster
    static let parameters: [ParameterDescription] = [
        .zone,
        .clusterOfRead,
        .place,
    ]

    static let answer = [
        AnswerMember(
            "entry",
            .named(
                "MapEntry",
                MapEntry.listed + [
                    AnswerMember(
                        "attributes", .attributes, meaning: "The values of each attribute, by its name in LDAP.")
                ]), meaning: "The entry.")
    ]

    /// - Throws: `invalidParameter`, `notFound`; `permissionDenied` if the key sees only its own rows of the cluster.
    func write(_ request: AuthenticatedRequest, to json: inout JSONWriter) throws(RosterError) {
        let parameters = CallParameters(request.request)
        guard let text = parameters["place"] else { throw .invalid("place", "is missing") }
        let place = try MapPlace(text: text)
        let (cluster, maps) = try request.maps(of: parameters)
        guard let entry = maps?[place.key] else { throw place.missing(in: cluster) }
        json.key("entry")
        json.object { json in
            json.key("attributes")
            json.object { json in
                for attribute in entry.attributes.present {
                    json.key(named: attribute.name)
                    json.array { json in
                        for value in entry.attributes[attribute] { json.string(value) }
                    }
                }
            }
            entry.writeMembers(to: &json)
        }
    }
}
