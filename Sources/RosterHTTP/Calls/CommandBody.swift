import RosterModel
import RosterSnapshot

/// The body of a write, and the zone that it names.
struct CommandBody {
    let json: JSONBody
    let zone: Zone
    private let request: SignedRequest
    private let catalog: AttributeCatalog

    /// - Throws: `invalidParameter` if the body is not a JSON object, or its zone is missing, malformed or differs from
    ///   the query's.
    init(_ request: AuthenticatedRequest) throws(RosterError) {
        self.request = request.request
        catalog = request.snapshot.attributes
        json = try JSONBody(request.request.body)
        zone = try Zone(json.agreeing("zone", with: request.request))
    }

    /// The members of an object in the body, read as a body.
    func nested(_ members: [String: JSONBody.Value]) -> CommandBody {
        CommandBody(json: JSONBody(members: members), zone: zone, request: request, catalog: catalog)
    }

    private init(json: JSONBody, zone: Zone, request: SignedRequest, catalog: AttributeCatalog) {
        self.json = json
        self.zone = zone
        self.request = request
        self.catalog = catalog
    }

    /// - Throws: `invalidParameter` if `cluster_id` is missing, malformed or differs from the query's.
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

extension CommandBody {
    /// The attribute values of a person, in the form that `describeUser` writes: an object whose members are a string,
    /// a list of strings, or null for no values. Photos and other binary values are in base64. The values are not checked.
    /// - Throws: `invalidParameter` if it has another form or names an unknown attribute.
    func attributes(_ name: String) throws(RosterError) -> [UserAttribute: [[UInt8]]] {
        let members: [String: JSONBody.Value]
        switch json.members[name] {
        case nil, .null: return [:]
        case .object(let object): members = object
        default: throw .invalid(name, "is not an object of attributes")
        }
        var attributes: [UserAttribute: [[UInt8]]] = [:]
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let attribute = catalog.attribute(named: key) else {
                let known = catalog.all.map(\.name).joined(separator: ", ")
                throw .invalid(name, "no attribute is called '\(key.sanitizedForDisplay())'; there are \(known)")
            }
            guard attributes[attribute] == nil else { throw .invalid(name, "\(attribute.name) is present twice") }
            attributes[attribute] = try Self.values(value, of: attribute, in: name)
        }
        return attributes
    }

    private static func values(
        _ value: JSONBody.Value, of attribute: UserAttribute, in name: String
    ) throws(RosterError) -> [[UInt8]] {
        switch value {
        case .null, .string(""): return []
        case .string(let text):
            guard attribute.syntax.isBinary else { return [Array(text.utf8)] }
            guard let photo = Base64.decode(Array(text.utf8)) else {
                throw .invalid(attribute.name, "is not in base64")
            }
            return [photo]
        case .list(let list):
            var all: [[UInt8]] = []
            for value in list {
                guard case .string = value else { throw .invalid(name, "\(attribute.name) is not a list of strings") }
                all += try values(value, of: attribute, in: name)
            }
            return all
        default: throw .invalid(name, "\(attribute.name) is not a string or a list of strings")
        }
    }
}

extension [ParameterDescription] {
    /// The members that name the cluster of a command.
    static let cluster = [
        ParameterDescription(
            "zone", .zone, isRequired: true, example: "zone1", meaning: "The zone; it may stand in the query too."),
        ParameterDescription(
            "cluster_id", .clusterID, isRequired: true, example: "hpc-qig9xu97",
            meaning: "The cluster; it may stand in the query too."),
    ]
}
