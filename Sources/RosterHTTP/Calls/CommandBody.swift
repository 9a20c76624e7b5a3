import RosterModel

/// The body of a write, and the zone that it names.
struct CommandBody {
    let json: JSONBody
    let zone: Zone
    private let request: SignedRequest

    /// - Throws: `invalidParameter` if the body is no JSON object, or its zone is missing, malformed or not the query's.
    init(_ request: AuthenticatedRequest) throws(RosterError) {
        self.request = request.request
        json = try JSONBody(request.request.body)
        zone = try Zone(json.agreeing("zone", with: request.request))
    }

    /// - Throws: `invalidParameter` if `cluster_id` is missing, malformed or not the query's.
    func cluster() throws(RosterError) -> ClusterID {
        try ClusterID(json.agreeing("cluster_id", with: request))
    }

    /// The text of a required member, of at most 256 bytes.
    /// - Throws: `invalidParameter` if it is missing, empty, longer or not a string.
    func text(_ name: String) throws(RosterError) -> String {
        let text = try json.required(name)
        guard text.utf8.count <= 256 else { throw .invalid(name, "is longer than 256 bytes") }
        return text
    }
}

extension [ParameterDescription] {
    /// The members that name the cluster of a command.
    static let cluster = [
        ParameterDescription(
            "zone", .text(maximumBytes: 64), isRequired: true, meaning: "The zone; it may stand in the query too."),
        ParameterDescription(
            "cluster_id", .clusterID, isRequired: true, meaning: "The cluster; it may stand in the query too."),
    ]
}
