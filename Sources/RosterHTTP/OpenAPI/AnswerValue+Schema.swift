import RosterModel

extension AnswerValue {
    /// The JSON schema of the value; an object with a name is a reference to it.
    var schema: JSONNode {
        switch self {
        case .text: ["type": "string"]
        case .integer: ["type": "integer", "minimum": 0]
        case .boolean: ["type": "boolean"]
        case .time:
            ["type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"]
        case .posixNumber: ["type": "string", "pattern": "^[0-9]{1,10}$"]
        case .fileMode: ["type": "string", "pattern": "^[0-7]{3,4}$"]
        case .flag: ["type": "string", "enum": ["0", "1"]]
        case .choice(let words): ["type": "string", "enum": .list(words.map { .text($0) })]
        case .clusterID: ["type": "string", "pattern": .text(ClusterID.pattern)]
        case .accountID: ["type": "string", "pattern": .text(AccountID.pattern)]
        case .jobID: ["type": "string", "pattern": .text(JobID.pattern)]
        case .null: ["type": "null"]
        case .optional(let value): ["anyOf": [value.schema, ["type": "null"]]]
        case .list(let element): ["type": "array", "items": element.schema]
        case .object(let members): members.schema
        case .named(let name, _): ["$ref": .text("#/components/schemas/\(name)")]
        case .attributes:
            ["type": "object", "additionalProperties": ["type": "array", "items": ["type": "string"]]]
        }
    }

    /// The objects with names in the value, each before the objects that hold it.
    var named: [(name: String, members: [AnswerMember])] {
        switch self {
        case .optional(let value), .list(let value): value.named
        case .object(let members): members.flatMap(\.value.named)
        case .named(let name, let members): members.flatMap(\.value.named) + [(name, members)]
        default: []
        }
    }
}

extension [AnswerMember] {
    /// The schema of an object with these members. It allows others, which later versions may add.
    var schema: JSONNode {
        let required = filter(\.isAlwaysPresent).map { JSONNode.text($0.name) }
        return [
            "type": "object",
            "properties": .object(
                map { member in
                    (
                        member.name,
                        JSONNode.object([("description", .text(member.meaning))]).with(members: member.value.schema)
                    )
                }),
            "required": .list(required),
        ]
    }
}
