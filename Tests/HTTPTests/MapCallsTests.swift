import HTTPTypes
import NIOCore
import RosterCredentials
import RosterDirectory
import RosterModel
import RosterServing
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

@testable import RosterHTTP

/// The calls about map entries, through the HTTP server.
@Suite(.timeLimit(.minutes(5))) struct MapCallsTests {
    private static let seal = SealKey(bytes: Array(repeating: 7, count: 32))
    private static let secret = "SECRETACCESSKEYEXAMPLE"
    private static let keyID = AccessKeyID(stored: "QYACCESSKEYIDEXAMPLE")

    private let directory = Directory(
        store: MemoryStore(chaining: seal), sealing: seal, verifying: HMACSignatures(),
        clock: { Fixtures.time },
        report: { _ in })

    private var router: APIRouter {
        APIRouter(directory: directory, hashing: CryptHasher(), setName: .both)
    }

    init() async throws {
        try await directory.start()
        let zhang = Fixtures.user("zhang", uid: 10_001)
        var change = Fixtures.change([Fixtures.cluster()], [zhang])
        change.mapEntries = [Fixtures.mapEntry("ou=sudoers"), Fixtures.mapEntry("cn=ops,ou=sudoers", user: "%wheel")]
        change.keys = [
            AccessKey(
                id: Self.keyID, principal: .operator(zhang.account),
                secret: try Self.seal.seal(Array(Self.secret.utf8), of: Self.keyID.text), createTime: Fixtures.time)
        ]
        try await directory.commit(change)
    }

    private func answer(
        _ method: HTTPRequest.Method, _ path: String, _ parameters: [(String, String)] = [], body: String = ""
    ) async throws -> String {
        let server = TestServer(
            handler: APIHandler(
                directory: directory, router: router, limits: CallLimits(setting: .accountKeys, proxies: .none)))
        let query = RequestSigning(accessKeyID: Self.keyID.text, secretAccessKey: Self.secret).query(
            method: method.rawValue, path: path, parameters: [("zone", "zone1")] + parameters,
            body: Array(body.utf8), time: Fixtures.time)
        return try await server.test { client in
            try await client.execute(
                uri: "\(path)?\(query)", method: method, body: ByteBuffer(string: body)
            ) { String(buffer: $0.body) }
        }
    }

    @Test func theListHasThisForm() async throws {
        #expect(
            try await answer(.get, "/api/map", [("cluster_id", "hpc-qig9xu97"), ("kind", "sudorole")]) == """
                {"action":"HpcMapListEntriesResponse","ret_code":0,"total_count":1,"map_set":[\
                {"cluster_id":"hpc-qig9xu97","create_time":"2021-08-17T09:12:40Z","kind":"sudoRole",\
                "place":"cn=ops,ou=sudoers","update_time":"2021-08-17T09:12:40Z"}]}
                """)
        for (parameters, count) in [
            ([("place", "ou=SUDOers")], 2), ([("place", "cn=ops,ou=sudoers")], 1), ([("place", "ou=none")], 0),
            ([("search_word", "OPS")], 1), ([("limit", "1")], 2), ([("offset", "9")], 2),
        ] {
            #expect(
                try await answer(.get, "/api/map", [("cluster_id", "hpc-qig9xu97")] + parameters)
                    .contains("\"total_count\":\(count),"), "\(parameters)")
        }
        for parameters in [
            [], [("cluster_id", "hpc-other000")], [("cluster_id", "hpc-qig9xu97"), ("place", "x=1")],
            [("cluster_id", "hpc-qig9xu97"), ("kind", "person")],
        ] {
            #expect(!(try await answer(.get, "/api/map", parameters).contains("\"ret_code\":0,")), "\(parameters)")
        }
    }

    @Test func anEntryIsPutDescribedAndRemoved() async throws {
        func upsert(_ members: String) async throws -> String {
            try await answer(.post, "/api/map/putEntry", body: "{\"cluster_id\":\"hpc-qig9xu97\",\(members)}")
        }
        let made = try await upsert(
            "\"place\":\"cn=b,ou=sudoers\",\"kind\":\"sudoRole\",\"attributes\":[\"sudoUser: li\",\"SUDOHOST:ALL\"]")
        #expect(made.hasPrefix("{\"action\":\"HpcMapPutEntryResponse\",\"ret_code\":0,\"job_id\":"))
        #expect(
            try await answer(
                .get, "/api/map/describeEntry", [("cluster_id", "hpc-qig9xu97"), ("place", "CN=b,ou=sudoers")]) == """
                    {"action":"HpcMapDescribeEntryResponse","ret_code":0,"entry":{"attributes":{"cn":["b"],"sudoUser":["li"],\
                    "sudoHost":["ALL"]},"cluster_id":"hpc-qig9xu97","create_time":"2021-08-17T09:12:40Z","kind":"sudoRole",\
                    "place":"cn=b,ou=sudoers","update_time":"2021-08-17T09:12:40Z"}}
                    """)
        let bad = [
            "\"kind\":\"sudoRole\"", "\"place\":\"cn=c\"", "\"place\":\"cn=c\",\"kind\":\"posixGroup\"",
            "\"place\":\"ou=People\",\"kind\":\"organizationalUnit\"",
            "\"place\":\"cn=c\",\"kind\":\"sudoRole\",\"attributes\":{\"sudoUser\":[\"a\"]}",
            "\"place\":\"cn=c\",\"kind\":\"sudoRole\",\"attributes\":[\"sudoUser\"]",
            "\"place\":\"cn=c\",\"kind\":\"sudoRole\",\"attributes\":[\"mail: a\"]",
            "\"place\":\"cn=c\",\"kind\":\"sudoRole\",\"attributes\":[\"sudoUser: a\\nb\"]",
            "\"place\":\"cn=c\",\"kind\":\"sudoRole\",\"attributes\":[1]",
            "\"place\":\"cn=c,ou=none\",\"kind\":\"sudoRole\"",
        ]
        for members in bad { #expect(!(try await upsert(members).contains("\"ret_code\":0,")), "\(members)") }
        func remove(_ members: String) async throws -> String {
            try await answer(.post, "/api/map/removeEntry", body: "{\"cluster_id\":\"hpc-qig9xu97\",\(members)}")
        }
        #expect(!(try await remove("\"place\":\"ou=sudoers\"").contains("\"ret_code\":0,")))
        #expect(!(try await remove("\"place\":\"ou=sudoers\",\"subordinates\":\"2\"").contains("\"ret_code\":0,")))
        #expect(try await remove("\"place\":\"ou=sudoers\",\"subordinates\":\"1\"").contains("\"ret_code\":0,"))
        #expect(
            try await answer(.get, "/api/map", [("cluster_id", "hpc-qig9xu97")]).hasSuffix(
                "\"total_count\":0,\"map_set\":[]}"))
    }
}
