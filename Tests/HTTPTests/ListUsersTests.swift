import Foundation
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

/// The list call through the API server. What a client sees is checked more widely by
/// `Tests/ClientTests`; here are the rules that need a hand on the clock, the store or the settings.
@Suite(.timeLimit(.minutes(5))) struct ListUsersTests {
    private static let seal = SealKey(bytes: Array(repeating: 7, count: 32))
    private static let secret = "SECRETACCESSKEYEXAMPLE"
    private static let keyID = AccessKeyID(stored: "QYACCESSKEYIDEXAMPLE")

    private struct Site {
        let store = MemoryStore(chaining: PlaintextSealing())
        let directory: Directory

        init() {
            directory = Directory(
                store: store, sealing: seal, verifying: HMACSignatures(), clock: { Fixtures.time }, report: { _ in })
        }

        func fill(principal: Principal = .reader(nil)) async throws {
            try await directory.start()
            var user = Fixtures.user("usr-vceaHsJu", uid: 41_522, account: "usr-vceaHsJu", createTime: Fixtures.time)
            user.gidNumber = 41_522
            user.id = HPCUserID(stored: "hpcuser-8a310ir1")
            var change = Fixtures.change([Fixtures.cluster()], [user])
            change.keys = [
                AccessKey(
                    id: keyID, principal: principal, secret: try seal.seal(Array(secret.utf8), of: keyID.text),
                    createTime: Fixtures.time)
            ]
            try await directory.commit(change)
        }

        func application(_ setName: UserSetName = .both) -> TestServer {
            TestServer(
                handler: APIHandler(
                    directory: directory,
                    router: APIRouter(
                        directory: directory, hashing: CryptHasher(), setName: setName),
                    limits: CallLimits(setting: .accountKeys, proxies: .none)))
        }
    }

    private static func url(_ parameters: [(String, String)] = [], at time: Timestamp = Fixtures.time) -> String {
        let query = RequestSigning(accessKeyID: keyID.text, secretAccessKey: secret).query(
            method: "GET", path: "/api/user", parameters: [("zone", "zone1")] + parameters, time: time)
        return "/api/user?" + query
    }

    private static func object(_ buffer: ByteBuffer) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(buffer.readableBytesView)) as? [String: Any])
    }

    private static func expect(_ code: Int, _ response: TestResponse) throws {
        let answer = try object(response.body)
        #expect(answer["ret_code"] as? Int == code, "\(answer)")
    }

    @Test func answersTheContractsExample() async throws {
        let site = Site()
        try await site.fill()
        try await site.application().test { client in
            try await client.execute(uri: Self.url(), method: .get) { response in
                #expect(response.status == .ok)
                #expect(response.headers[.contentType] == "application/json")
                let user = """
                    {"cluster_id":"hpc-qig9xu97","create_time":"2021-08-17T09:12:40Z","gid_number":"41522",\
                    "hpcuser_id":"hpcuser-8a310ir1","mod":null,"nas_mount_point":"/public/s0723","role":"member",\
                    "uid_number":"41522","update_time":"2021-08-17T09:12:40Z","user_id":"usr-vceaHsJu",\
                    "username":"usr-vceaHsJu"}
                    """
                #expect(
                    String(buffer: response.body) == """
                        {"action":"HpcUserListUsersResponse","ret_code":0,"total_count":1,"user_set":[\(user)],\
                        "users_set":[\(user)]}
                        """)
            }
        }
    }

    @Test(arguments: [(UserSetName.userSet, "user_set", "users_set"), (.usersSet, "users_set", "user_set")])
    func aSettingNarrowsTheListToOneName(setting: UserSetName, kept: String, dropped: String) async throws {
        let site = Site()
        try await site.fill()
        try await site.application(setting).test { client in
            try await client.execute(uri: Self.url(), method: .get) { response in
                let object = try Self.object(response.body)
                #expect(object[kept] != nil)
                #expect(object[dropped] == nil)
            }
        }
    }

    @Test(arguments: [(-60, 0), (60, 0), (-61, 1300), (61, 1300), (-1_000_000_000, 1300)] as [(Int64, Int)])
    func theWindowIsSixtySecondsEitherWay(shift: Int64, code: Int) async throws {
        let site = Site()
        try await site.fill()
        try await site.application().test { client in
            let time = Timestamp(seconds: Fixtures.time.seconds + shift)
            try await client.execute(uri: Self.url(at: time), method: .get) { response in
                try Self.expect(code, response)
            }
        }
    }

    @Test func isNotReadyBeforeTheFirstSnapshot() async throws {
        let site = Site()
        try await site.application().test { client in
            try await client.execute(uri: "/health/live", method: .get) { #expect($0.status == .ok) }
            try await client.execute(uri: "/health/ready", method: .get) { #expect($0.status == .serviceUnavailable) }
            try await client.execute(uri: Self.url(), method: .get) { response in
                #expect(response.status == .serviceUnavailable)
                try Self.expect(5100, response)
            }
            try await site.fill()
            try await client.execute(uri: "/health/ready", method: .get) { #expect($0.status == .ok) }
            try await client.execute(uri: Self.url(), method: .get) { try Self.expect(0, $0) }
        }
    }

    @Test func goesOnWhileTheStoreIsAway() async throws {
        let site = Site()
        try await site.fill()
        site.store.fail(with: .unavailable(cause: "test"))
        try await site.application().test { client in
            try await client.execute(uri: Self.url(), method: .get) { try Self.expect(0, $0) }
        }
    }

    @Test func aKeyWhoseAccountHasNoRowLeftIsAsUnknown() async throws {
        let site = Site()
        try await site.fill(principal: .account(AccountID(stored: "usr-gone")))
        try await site.application().test { client in
            try await client.execute(uri: Self.url(), method: .get) { response in
                let message = try Self.object(response.body)["message"] as? String
                #expect(message == Authorization.notAuthenticated.message)
            }
        }
    }

    @Test(arguments: RosterError.Code.allCases)
    func everyCodeHasAReturnCodeOfTheAPI(code: RosterError.Code) {
        let codes = [
            1100, 1101, 1200, 1300, 1400, 1510, 1520, 1610, 1630, 1660, 2100, 2110, 2500, 3300, 5000, 5100, 5300,
        ]
        #expect(codes.contains(RosterError(code, "").returnCode))
    }
}
