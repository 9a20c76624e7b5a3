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

/// The form of the calls about groups, through the HTTP server. Their effect is tested by
/// `Tests/ClientTests/test_groups.py`.
@Suite(.timeLimit(.minutes(5))) struct GroupCallsTests {
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
        change.groups = [
            Group(cluster: zhang.cluster, name: "s0723", gidNumber: 10_000, isPrimary: true),
            Group(cluster: zhang.cluster, name: "Optics", gidNumber: 10_001, isPrimary: false, members: [zhang.id]),
        ]
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
            try await answer(.get, "/api/group") == """
                {"action":"HpcGroupListGroupsResponse","ret_code":0,"total_count":2,"group_set":[\
                {"cluster_id":"hpc-qig9xu97","gid_number":"10001","group_name":"Optics","is_primary":false,\
                "members":["zhang"],"member_groups":[],"member_names":[]},\
                {"cluster_id":"hpc-qig9xu97","gid_number":"10000","group_name":"s0723","is_primary":true,\
                "members":[],"member_groups":[],"member_names":[]}]}
                """)
    }

    @Test func ordersAreAnsweredWithTheirJob() async throws {
        let common = #""cluster_id": "hpc-qig9xu97", "zone": "zone1", "group_name": "lasers""#
        for (path, members, action) in [
            ("createGroup", "", "HpcGroupCreateGroupResponse"),
            ("modifyGroup", #", "add_members": ["zhang"]"#, "HpcGroupModifyGroupResponse"),
            ("deleteGroup", "", "HpcGroupDeleteGroupResponse"),
        ] {
            let answer = try await answer(.post, "/api/group/\(path)", body: "{\(common)\(members)}")
            #expect(answer.hasPrefix(#"{"action":"\#(action)","ret_code":0,"job_id":"j-"#), "\(answer)")
        }
        #expect(directory.snapshot.group(named: "lasers", in: Fixtures.cluster().id) == nil)
    }

    @Test func onlyTheListIsAnsweredAtOnce() throws {
        func call(_ method: HTTPRequest.Method, _ path: Substring) throws -> APIRouter.Call {
            guard case .call(let call) = router.route(method, path: path) else {
                throw RosterError(.unknownAction, "\(path)")
            }
            return call
        }
        guard case .snapshot = try call(.get, "/api/group/") else {
            Issue.record("the list of groups waits for the store")
            return
        }
        for path: Substring in ["createGroup", "modifyGroup", "deleteGroup"] {
            guard case .store = try call(.post, "/api/group/\(path)") else {
                Issue.record("\(path) does not wait for the store")
                return
            }
        }
    }
}
