import HTTPTypes
import RosterDirectory
import RosterModel
import RosterSnapshot

/// `GET /api/map`: the map entries of a cluster. An addition to the vendor's API.
struct ListMapEntries: SnapshotCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/map"
    static let action = "HpcMapListEntriesResponse"
    static let summary = "Lists the map entries of a cluster."
    static let access = CallAccess.wholeCluster
    static let parameters =
        [
            .zone,
            .clusterOfRead,
            ParameterDescription(
                "kind", .choice(MapEntry.Kind.allCases.map(\.rawValue)), meaning: "Only entries of this object class."),
            ParameterDescription(
                "place", .place, meaning: "Only this entry and those below it."),
        ] + .searchWord + .page

    static let answer = [AnswerMember].page("map_set", of: .named("ListedMapEntry", MapEntry.listed))

    /// - Throws: `invalidParameter`, `notFound`; `permissionDenied` if the key sees only its own rows of the cluster.
    func write(_ request: AuthenticatedRequest, to json: inout JSONWriter) throws(RosterError) {
        let parameters = CallParameters(request.request)
        let kind = try parameters["kind"].map { text throws(RosterError) in try MapEntry.Kind(parameter: text) }
        let place = try parameters["place"].map { text throws(RosterError) in try MapPlace(text: text) }
        let word = try parameters.searchWord().map { FoldedText($0) }
        let page = try PageParameters(parameters)
        let maps = try request.maps(of: parameters).maps
        let entries: [MapEntry] =
            if let place {
                (maps?[place.key]).map { [$0] + (maps.map { Array($0.entries(below: place.key)) } ?? []) } ?? []
            } else {
                maps.map { Array($0.all) } ?? []
            }
        var found = entries.filter { entry in
            (kind == nil || entry.kind == kind) && (word.map { FoldedText(entry.place.text).contains($0) } ?? true)
        }
        if page.isReversed { found.reverse() }
        json.key("total_count")
        json.number(found.count)
        json.key("map_set")
        json.array { json in
            for entry in found.dropFirst(page.offset).prefix(page.limit) {
                json.object { json in entry.writeMembers(to: &json) }
            }
        }
    }
}

extension AuthenticatedRequest {
    /// The map entries of the cluster that the parameters name; nil if it has none.
    /// - Throws: `invalidParameter`, `notFound`; `permissionDenied` if the key sees only its own rows of the cluster.
    func maps(of parameters: CallParameters) throws(RosterError) -> (cluster: ClusterID, maps: ClusterMaps?) {
        guard let text = parameters["cluster_id"] else { throw .invalid("cluster_id", "is missing") }
        let (cluster, _) = try snapshot.cluster(try ClusterID(text), in: try requiredZone(), scope: scope)
        try actor.authorization.requireMaps(of: cluster.id)
        return (cluster.id, snapshot.maps(of: cluster.id))
    }
}

extension ParameterDescription {
    /// The parameter that names a map entry.
    static let place = ParameterDescription(
        "place", .place, isRequired: true, example: "ou=sudoers", meaning: "The entry's name below the cluster's base.")
}

extension MapEntry.Kind {
    /// - Throws: `invalidParameter` if the text does not name a kind.
    init(parameter text: String) throws(RosterError) {
        guard let kind = MapEntry.Kind(name: text) else {
            throw .invalid("kind", "is none of \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self = kind
    }
}

extension MapEntry {
    /// The members that `writeMembers` writes.
    static let listed = [
        AnswerMember("cluster_id", .clusterID, meaning: "The cluster of the entry."),
        AnswerMember("create_time", .time, meaning: "When the entry was created."),
        AnswerMember("kind", .choice(Kind.allCases.map(\.rawValue)), meaning: "The object class of the entry."),
        AnswerMember("place", .text, meaning: "The entry's name below the cluster's base."),
        AnswerMember("update_time", .time, meaning: "When the entry was last changed."),
    ]

    /// The members that an element of the list has.
    func writeMembers(to json: inout JSONWriter) {
        json.key("cluster_id")
        json.string(cluster.text)
        json.key("create_time")
        json.string(createTime.iso8601)
        json.key("kind")
        json.string(kind.rawValue)
        json.key("place")
        json.string(place.text)
        json.key("update_time")
        json.string(updateTime.iso8601)
    }
}
