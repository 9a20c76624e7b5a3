import RosterModel

extension ParameterDescription {
    /// The parameter object of a parameter in the query (OpenAPI 3.1, section 4.8.12).
    var inQuery: JSONNode {
        var parameter: JSONNode = [
            "name": .text(name), "in": "query", "description": .text(meaning), "required": .boolean(isRequired),
        ]
        if case .words = kind { parameter = parameter.with(["style": "form", "explode": false]) }
        parameter = parameter.with(["schema": kind.schema(isInQuery: true, defaultText: defaultText)])
        guard let example else { return parameter }
        return parameter.with(["example": kind.exampleNode(example)])
    }

    /// The schema of a member of a body.
    var inBody: JSONNode {
        var schema = kind.schema(isInQuery: false, defaultText: defaultText)
        if case .text = kind, isRequired { schema = schema.with(["minLength": 1]) }
        let whole: JSONNode =
            switch clearing {
            case nil: schema
            case .emptyText: ["anyOf": [schema, ["const": ""]]]
            case .null: ["anyOf": [schema, ["type": "null"]]]
            }
        return JSONNode.object([("description", .text(meaning))]).with(members: whole)
    }
}

extension [ParameterDescription] {
    /// The schema of an object that has these members.
    var object: JSONNode {
        let required = filter(\.isRequired).map { JSONNode.text($0.name) }
        let object: JSONNode = ["type": "object", "properties": .object(map { ($0.name, $0.inBody) })]
        return required.isEmpty ? object : object.with(["required": .list(required)])
    }

    /// An object with the example of each member that has one; nil if a required one has none.
    var example: JSONNode? {
        guard allSatisfy({ !$0.isRequired || $0.example != nil }) else { return nil }
        return .object(
            compactMap { parameter in parameter.example.map { (parameter.name, parameter.kind.exampleNode($0)) } })
    }
}

extension ParameterDescription.Kind {
    /// The JSON schema of a value.
    /// - Parameter isInQuery: whether the value is text in a query, or JSON in a body.
    func schema(isInQuery: Bool, defaultText: String?) -> JSONNode {
        let schema = schema(isInQuery: isInQuery)
        guard let defaultText else { return schema }
        return schema.with(["default": exampleNode(defaultText)])
    }

    private func schema(isInQuery: Bool) -> JSONNode {
        switch self {
        case .text(let maximum?): ["type": "string", "maxLength": .number(maximum)]
        case .text(nil), .username: ["type": "string"]
        case .zone: ["type": "string", "pattern": "^[!-~]{1,64}$"]
        case .fileMode: ["type": "string", "pattern": "^[0-7]{3,4}$"]
        case .integer(let range):
            ["type": "integer", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
        case .posixNumber where isInQuery: Self.posixInteger
        case .posixNumber: ["oneOf": [["type": "string", "pattern": "^0*[1-9][0-9]{0,9}$"], Self.posixInteger]]
        case .flag: ["type": "string", "enum": ["0", "1"]]
        case .choice(let words): ["type": "string", "enum": .list(words.map { .text($0) })]
        case .time: ["type": "string", "pattern": .text(Self.timePattern)]
        case .clusterID: ["type": "string", "pattern": .text(ClusterID.pattern)]
        case .accountID: ["type": "string", "pattern": .text(AccountID.pattern)]
        case .userID: ["type": "string", "pattern": .text(HPCUserID.pattern)]
        case .jobIDs(let maximum):
            [
                "type": "array", "maxItems": .number(maximum),
                "items": ["type": "string", "pattern": .text(JobID.pattern)],
            ]
        case .searchWord: ["type": "string", "maxLength": 256, "pattern": "^[^\\u0000-\\u001F\\u007F]*$"]
        case .path: ["type": "string", "maxLength": 1024, "pattern": "^(/.*)?$"]
        case .chainHead: ["type": "string", "pattern": "^[0-9]{1,18}:([0-9A-Fa-f]{2})*$"]
        case .words(let maximum):
            ["type": "array", "maxItems": .number(maximum), "items": ["type": "string", "pattern": "^[^, ]+$"]]
        case .place: ["type": "string", "minLength": 1, "maxLength": .number(MapPlace.maximumBytes)]
        case .objects(let maximum, let members):
            [
                "type": "array", "minItems": 1, "maxItems": .number(maximum),
                "items": members.object.with(["additionalProperties": false]),
            ]
        case .names(let maximum, let maximumBytes):
            [
                "type": "array", "maxItems": .number(maximum),
                "items": ["type": "string", "minLength": 1, "maxLength": .number(maximumBytes)],
            ]
        case .attributes:
            [
                "type": "object",
                "additionalProperties": [
                    "anyOf": [["type": "string"], ["type": "array", "items": ["type": "string"]], ["type": "null"]]
                ],
            ]
        }
    }

    /// The value that an example or a default writes as text.
    func exampleNode(_ text: String) -> JSONNode {
        switch self {
        case .integer, .posixNumber: Int(text).map { .number($0) } ?? .text(text)
        case .words, .names: .list(text.split(separator: ",").map { .text(String($0)) })
        case .objects(_, let members): .list([members.example ?? [:]])
        default: .text(text)
        }
    }

    /// A time in the API's form; months, days and hours may lack a leading zero.
    static let timePattern =
        "^[0-9]{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12][0-9]|3[01])T([01]?[0-9]|2[0-3]):[0-5]?[0-9]:([0-5]?[0-9]|60)Z$"

    private static let posixInteger: JSONNode = [
        "type": "integer", "minimum": .number(Int(User.posixNumbers.lowerBound)),
        "maximum": .number(Int(User.posixNumbers.upperBound)),
    ]
}

extension JSONNode {
    /// This object with the members of another at its end.
    func with(members other: JSONNode) -> JSONNode {
        guard case .object(let own) = self, case .object(let further) = other else { return self }
        return .object(own + further)
    }
}
