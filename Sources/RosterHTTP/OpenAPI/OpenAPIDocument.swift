import HTTPTypes
import NIOCore
import RosterModel

/// The description of every call in the form of OpenAPI 3.1, made from the declarations of the calls.
package enum OpenAPIDocument {
    /// The path that serves the document.
    static let path = "/api/openapi.json"

    /// The document as JSON with a line break at its end. It is the same for every server of a version.
    package static let text = document(of: APIRouter.makers.map(\.type)).indented + "\n"

    /// The document as the server sends it.
    static let bytes = ByteBuffer(string: text)

    /// The entity tag of the document (RFC 9110 section 8.8.3): FNV-1a of its bytes.
    static let entityTag = "\"" + String(FNV1a(text.utf8).hash, radix: 16) + "\""

    /// The document about `calls`, in their order.
    static func document(of calls: [any APICall.Type]) -> JSONNode {
        var schemas: [(name: String, value: JSONNode)] = [("Error", error)]
        for (name, members) in calls.flatMap({ AnswerValue.object($0.answer).named })
        where !schemas.contains(where: { $0.name == name }) {
            schemas.append((name, members.schema))
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Roster",
                "summary": "The user directory of HPC clusters.",
                "description": .text(
                    "The E-HPC user API, and Roster's additions to it. Every request is signed: docs/api.md says how. "
                        + "The HTTP status of a call is 200, and ret_code in the answer tells its outcome. An empty "
                        + "parameter counts as absent, and so does null in a body, unless modifyUser clears a field with "
                        + "it; unknown parameters are ignored. Lengths are in bytes of UTF-8. "
                        + "Later versions may add members to answers."),
                "version": "1",
            ],
            "servers": [["url": "/"]],
            "security": [["signature": []]],
            "paths": .object(calls.map { ($0.path, .object([($0.method.rawValue.lowercased(), operation($0))])) }),
            "components": [
                "securitySchemes": [
                    "signature": [
                        "type": "apiKey", "in": "query", "name": "signature",
                        "description": .text(
                            "Base64 of HMAC-SHA256, under the secret key, of the method, the path, the sorted query "
                                + "without the signature, and the hexadecimal MD5 of the body, joined by line feeds."),
                    ]
                ],
                "parameters": .object(CommonParameters.descriptions.map { ($0.name, $0.inQuery) }),
                "schemas": .object(schemas),
                "responses": [
                    "TooLarge": [
                        "description": "The body is larger than 1 MiB, or broke off.",
                        "content": json(reference("Error")),
                    ],
                    "Starting": [
                        "description": "The server is starting: try again.", "content": json(reference("Error")),
                    ],
                ],
            ],
        ]
    }

    private static func operation(_ call: any APICall.Type) -> JSONNode {
        let common = CommonParameters.descriptions.map { parameter -> JSONNode in
            ["$ref": .text("#/components/parameters/\(parameter.name)")]
        }
        let own = call.method == .get ? call.parameters.map(\.inQuery) : []
        let module = call.path.split(separator: "/")[1]
        var operation: JSONNode = [
            "operationId": .text(String(call.action.dropFirst("Hpc".count).dropLast("Response".count))),
            "tags": [.text(String(module))],
            "summary": .text(call.summary),
            "description": .text("\(call.access.sentence) \(call.origin)"),
            "parameters": .list(own + common),
        ]
        if call.method == .post {
            var content: JSONNode = ["schema": call.parameters.object]
            if let example = call.parameters.example { content = content.with(["example": example]) }
            operation = operation.with([
                "requestBody": ["required": true, "content": ["application/json": content]]
            ])
        }
        return operation.with(["responses": responses(call)])
    }

    private static func responses(_ call: any APICall.Type) -> JSONNode {
        let success = (Self.envelope(call.action) + call.answer).schema
        var content: JSONNode = ["schema": ["oneOf": [fixed(success, call.action), reference("Error")]]]
        if call.action == ListUsers.action {
            content = content.with(["examples": ["vendor": ["summary": "The vendor's page.", "value": vendorExample]]])
        }
        let answer: JSONNode = [
            "description": "The outcome, in ret_code.",
            "headers": [
                "Roster-Revision": [
                    "description": "The revision that the answer shows.", "schema": ["type": "integer", "minimum": 0],
                ],
                "Roster-Request-Id": [
                    "description": "The request's identifier, which the log has too.", "schema": ["type": "string"],
                ],
                "Retry-After": [
                    "description": "With ret_code 2500: the seconds to wait.",
                    "schema": ["type": "integer", "minimum": 1],
                ],
            ],
            "content": ["application/json": content],
        ]
        let responses: JSONNode = ["200": answer]
        let starting: JSONNode = ["$ref": "#/components/responses/Starting"]
        guard call.method == .post else { return responses.with(["503": starting]) }
        return responses.with(["413": ["$ref": "#/components/responses/TooLarge"], "503": starting])
    }

    /// The first members of every answer to a successful call.
    private static func envelope(_ action: String) -> [AnswerMember] {
        [
            AnswerMember("action", .choice([action]), meaning: "The name of the answer."),
            AnswerMember("ret_code", .integer, meaning: "0: the call succeeded."),
        ]
    }

    /// The schema of a success, whose `ret_code` is 0.
    private static func fixed(_ schema: JSONNode, _ action: String) -> JSONNode {
        guard case .object(var members) = schema,
            let place = members.firstIndex(where: { $0.name == "properties" }),
            case .object(var properties) = members[place].value
        else { return schema }
        properties[1].value = ["description": "0: the call succeeded.", "const": 0]
        members[place].value = .object(properties)
        return .object(members)
    }

    private static let error: JSONNode = [
        "type": "object",
        "description": "The answer to a call that did not succeed.",
        "properties": [
            "action": ["type": "string", "description": "The name of the answer."],
            "message": [
                "type": "string", "minLength": 1, "description": "One line: the parameter, and what is wrong.",
            ],
            "ret_code": [
                "type": "integer",
                "description": "What kind of error it is; docs/api.md has the table.",
                "enum": .list(Set(RosterError.Code.allCases.map(\.returnCode)).sorted().map { .number($0) }),
            ],
        ],
        "required": ["action", "message", "ret_code"],
    ]

    private static func reference(_ schema: String) -> JSONNode { ["$ref": .text("#/components/schemas/\(schema)")] }

    private static func json(_ schema: JSONNode) -> JSONNode { ["application/json": ["schema": schema]] }

    /// What the vendor's page shows as an answer of the list of users.
    private static let vendorExample: JSONNode = [
        "action": "HpcUserListUsersResponse",
        "ret_code": 0,
        "total_count": 1,
        "users_set": [
            [
                "cluster_id": "hpc-qig9xu97", "create_time": "2021-08-17T09:12:40Z", "gid_number": "41522",
                "hpcuser_id": "hpcuser-8a310ir1", "mod": .null, "nas_mount_point": "/public/shanhe/s0723",
                "role": "member", "uid_number": "41522", "update_time": "2021-08-17T09:12:40Z",
                "user_id": "usr-vceaHsJu", "username": "usr-vceaHsJu",
            ]
        ],
    ]
}

extension CallAccess {
    /// Whose requests the call accepts, in a sentence.
    fileprivate var sentence: String {
        switch self {
        case .everyKey: "Every key may call it; the answer has what the key may see."
        case .everyAccount: "Every key but a reader's may call it."
        case .wholeCluster: "A key that sees all users of the cluster may call it."
        case .ownUserOrClusterAdministrator:
            "The key of the user's own account, or of those who administer the cluster, may call it."
        case .clusterAdministrator: "The keys of those who administer the cluster may call it."
        case .globalAdministrator: "An operator's or a boss's key may call it."
        }
    }
}

extension APICall {
    fileprivate static var origin: String {
        isVendors ? "The vendor's API has this call." : "This call is Roster's own."
    }
}
