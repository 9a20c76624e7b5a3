import Foundation
import HTTPTypes
import Logging
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

/// One server of several on a store: it answers at least the revision that is asked for, and goes on while the store is away.
@Suite(.timeLimit(.minutes(5))) struct ReplicaTests {
    private static let seal = SealKey(bytes: Array(repeating: 7, count: 32))
    private static let secret = "SECRETACCESSKEYEXAMPLE"
    private static let keyID = AccessKeyID(stored: "QYACCESSKEYIDEXAMPLE")
    private static let long = Duration.seconds(600)
    private static let list = "/api/user"

    private let store = MemoryStore(chaining: PlaintextSealing())
    /// The server that is asked; it hears of nothing unless it looks.
    private let directory: Directory
    private let other: Directory

    init() async throws {
        directory = Self.directory(store)
        other = Self.directory(store)
        try await other.start()
        try await directory.start()
    }

    private static func directory(_ store: MemoryStore) -> Directory {
        Directory(store: store, sealing: seal, verifying: HMACSignatures(), clock: { Fixtures.time }, report: { _ in })
    }

    /// A cluster, its group and a key, as revision 1, known to both servers.
    private func fill(principal: Principal = .operator(AccountID(stored: "usr-op"))) async throws {
        var change = Fixtures.change([Fixtures.cluster()], [Fixtures.user("zhang", uid: 10_001)])
        change.groups = [Group(cluster: Fixtures.cluster().id, name: "s0723", gidNumber: 10_000, isPrimary: true)]
        change.keys = [
            AccessKey(
                id: Self.keyID, principal: principal,
                secret: try Self.seal.seal(Array(Self.secret.utf8), of: Self.keyID.text), createTime: Fixtures.time)
        ]
        try await other.commit(change)
        await directory.refresh()
    }

    private func handler(patience: Duration = long) -> APIHandler {
        APIHandler(
            directory: directory,
            router: APIRouter(
                directory: directory, hashing: CryptHasher(), setName: .both),
            limits: CallLimits(setting: .accountKeys, proxies: .none), patience: patience)
    }

    private func application(patience: Duration = long) -> TestServer {
        TestServer(handler: handler(patience: patience))
    }

    private static func url(
        _ path: String = list, method: String = "GET", body: String = "", secret: String = secret, nonce: Int = 0
    ) -> String {
        let query = RequestSigning(accessKeyID: keyID.text, secretAccessKey: secret).query(
            method: method, path: path, parameters: [("zone", "zone1"), ("nonce", String(nonce))],
            body: Array(body.utf8), time: Fixtures.time)
        return "\(path)?\(query)"
    }

    private static func headers(_ values: String...) throws -> HTTPFields {
        let name = try #require(HTTPField.Name.rosterRevision)
        var fields = HTTPFields()
        for value in values { fields.append(HTTPField(name: name, value: value)) }
        return fields
    }

    private static func object(_ response: TestResponse) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView)) as? [String: Any])
    }

    private static func expect(_ code: Int, _ response: TestResponse, _ words: String = "") throws {
        let answer = try object(response)
        #expect(response.status == .ok)
        #expect(answer["ret_code"] as? Int == code, "\(answer)")
        if !words.isEmpty { #expect(answer["message"] as? String == words) }
    }

    private static func revision(_ response: TestResponse) throws -> Int64 {
        let name = try #require(HTTPField.Name.rosterRevision)
        return try #require(Int64(response.headers[name] ?? ""))
    }

    private static func expectRevision(_ number: Int64, _ response: TestResponse) throws {
        let shown = try revision(response)
        #expect(shown == number)
    }

    // MARK: At least a revision

    @Test(arguments: ["/api/user", "/api/cluster/list", "/api/group", "/api/operation"])
    func whatAnotherServerWroteIsReadHereByItsRevision(path: String) async throws {
        try await fill()
        let written = try await other.commit(Fixtures.change([], [Fixtures.user("li", uid: 10_002)]))
        try await application().test { client in
            // Without the header the answer may be older, and is.
            try await client.execute(uri: Self.url(), method: .get) { try Self.expectRevision(1, $0) }
            let headers = try Self.headers("\(written)")
            try await client.execute(uri: Self.url(path), method: .get, headers: headers) { response in
                try Self.expect(0, response)
                let shown = try Self.revision(response)
                #expect(shown >= written.number)
            }
            try await client.execute(uri: Self.url(), method: .get, headers: headers) { response in
                let count = try Self.object(response)["total_count"] as? Int
                #expect(count == 2)
            }
        }
    }

    @Test func aCommandIsPlannedAtTheRevisionToo() async throws {
        try await fill()
        let written = try await other.commit(Fixtures.change([], [Fixtures.user("li", uid: 10_002)]))
        let body = #"{"cluster_id":"hpc-qig9xu97","zone":"zone1","username":"li","state":"locked"}"#
        try await application().test { client in
            try await client.execute(
                uri: Self.url("/api/user/modifyUser", method: "POST", body: body), method: .post,
                headers: try Self.headers("\(written)"), body: ByteBuffer(string: body)
            ) { response in
                try Self.expect(0, response)
                let shown = try Self.revision(response)
                #expect(shown > written.number)
            }
        }
    }

    @Test func aRightThatComesWithTheRevisionIsWaitedFor() async throws {
        let account = AccountID(stored: "usr-new")
        try await fill(principal: .account(account))
        let written = try await other.commit(
            Fixtures.change([], [Fixtures.user("new", uid: 10_002, account: account.text)]))
        try await application().test { client in
            try await client.execute(uri: Self.url(), method: .get) { try Self.expect(1200, $0) }
            try await client.execute(uri: Self.url(), method: .get, headers: try Self.headers("\(written)")) {
                try Self.expect(0, $0)
            }
        }
    }

    @Test func aRightThatGoesWithTheRevisionIsGone() async throws {
        try await fill()
        var key = try #require(try await store.accessKeys().first)
        key.revokeTime = Fixtures.time
        var change = Change(time: Fixtures.time)
        change.keys = [key]
        let revoked = try await other.commit(change)
        try await application().test { client in
            try await client.execute(uri: Self.url(), method: .get, headers: try Self.headers("\(revoked)")) {
                try Self.expect(1200, $0)
            }
        }
    }

    @Test func aRevisionThatDoesNotComeIsBusyAfterABoundedWait() async throws {
        try await fill()
        try await application(patience: .milliseconds(10)).test { client in
            for asked in ["2", "9223372036854775807"] {
                try await client.execute(uri: Self.url(), method: .get, headers: try Self.headers(asked)) { response in
                    try Self.expect(
                        5100, response, "this server has not reached revision \(asked) yet, it is at 1")
                }
            }
        }
    }

    @Test(arguments: ["", "-1", "+1", "1.0", "0x1", "9223372036854775808", "one", "1, 2", "\u{661}"])
    func refusesWhatIsNoRevision(value: String) async throws {
        try await fill()
        try await application().test { client in
            try await client.execute(uri: Self.url(), method: .get, headers: try Self.headers(value)) { response in
                try Self.expect(
                    1100, response,
                    "Roster-Revision: is not a decimal integer from 0 to 9223372036854775807")
            }
        }
    }

    @Test func refusesTwoRevisions() async throws {
        try await fill()
        try await application().test { client in
            try await client.execute(uri: Self.url(), method: .get, headers: try Self.headers("1", "1")) {
                try Self.expect(1100, $0, "Roster-Revision: is present twice")
            }
        }
    }

    @Test func whoHasNotSignedIsNotWaitedWith() async throws {
        try await fill()
        try await application(patience: Self.long).test { client in
            try await client.execute(
                uri: Self.url(secret: "WRONG"), method: .get, headers: try Self.headers("9")
            ) { try Self.expect(1200, $0, Authorization.notAuthenticated.message) }
        }
        #expect(directory.waitingCount == 0)
    }

    @Test func aListIsAnsweredAtOnceUnlessItMustWait() async throws {
        try await fill()
        let handler = handler()
        func isAnsweredAtOnce(_ values: [String]) -> Bool {
            let asked = APIRequest(
                method: .get, target: Self.url(), peer: "-", forwardedFor: [], leastRevision: values,
                requestID: RequestID(), logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            return handler.answerAtOnce(asked) != nil
        }
        #expect(isAnsweredAtOnce([]))
        #expect(isAnsweredAtOnce(["1"]))
        #expect(isAnsweredAtOnce(["malformed"]))
        #expect(!isAnsweredAtOnce(["2"]))
    }

    // MARK: While the store is away

    @Test func whileTheStoreIsAwayReadsGoOnAndOrdersAreBusy() async throws {
        try await fill()
        store.fail(with: .unavailable(cause: "the password of the database"))
        await directory.refresh()
        let body = #"{"cluster_id":"hpc-qig9xu97","zone":"zone1","username":"zhang","state":"locked"}"#
        let order = Self.url("/api/user/modifyUser", method: "POST", body: body)
        try await application().test { client in
            try await client.execute(uri: "/health/live", method: .get) { #expect($0.status == .ok) }
            try await client.execute(uri: "/health/ready", method: .get) { response in
                #expect(response.status == .ok)
                #expect(
                    String(buffer: response.body) == """
                        {"status":"read-only","message":"read-only, store unreachable since 2021-08-17T09:12:40Z",\
                        "revision":1}
                        """)
            }
            for path in ["/api/user", "/api/cluster/list", "/api/group"] {
                try await client.execute(uri: Self.url(path), method: .get) { try Self.expect(0, $0) }
            }
            let calls = store.calls
            let words = "the directory's store cannot be reached now, try again"
            try await client.execute(uri: order, method: .post, body: ByteBuffer(string: body)) {
                try Self.expect(5100, $0, words)
            }
            try await client.execute(uri: Self.url("/api/operation"), method: .get) { try Self.expect(5100, $0, words) }
            #expect(store.calls == calls)
            store.fail(with: nil)
            await directory.refresh()
            try await client.execute(uri: "/health/ready", method: .get) { response in
                #expect(String(buffer: response.body) == #"{"status":"ready","revision":1}"#)
            }
            // The very same request: it was not run.
            try await client.execute(uri: order, method: .post, body: ByteBuffer(string: body)) {
                try Self.expect(0, $0)
            }
        }
    }

    @Test func whoWritesIsToldItsRevisionThoughTheStoreIsGoneBeforeItIsPublished() async throws {
        try await fill()
        store.goAway(atNextCommit: .told)
        let body = #"{"cluster_id":"hpc-qig9xu97","zone":"zone1","username":"zhang","state":"locked"}"#
        try await application(patience: .milliseconds(10)).test { client in
            var written: Int64 = 0
            try await client.execute(
                uri: Self.url("/api/user/modifyUser", method: "POST", body: body), method: .post,
                body: ByteBuffer(string: body)
            ) { response in
                try Self.expect(0, response)
                written = try Self.revision(response)
            }
            #expect(written == 2)
            let headers = try Self.headers("\(written)")
            try await client.execute(uri: Self.url(), method: .get, headers: headers) { try Self.expect(5100, $0) }
        }
        store.fail(with: nil)
        try await application().test { client in
            let headers = try Self.headers("2")
            try await client.execute(uri: Self.url(), method: .get, headers: headers) { try Self.expect(0, $0) }
        }
    }
}
