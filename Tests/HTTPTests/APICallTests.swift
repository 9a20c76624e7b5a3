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

/// Each call is what it declares: its path finds it, and it refuses what its parameters exclude.
@Suite(.timeLimit(.minutes(5))) struct APICallTests {
    private static let seal = SealKey(bytes: Array(repeating: 7, count: 32))
    private static let secret = "SECRETACCESSKEYEXAMPLE"
    private static let keyID = AccessKeyID(stored: "QYACCESSKEYIDEXAMPLE")

    private let directory = Directory(
        store: MemoryStore(chaining: seal), sealing: seal, verifying: HMACSignatures(),
        clock: { Fixtures.time },
        report: { _ in })

    private let router: APIRouter

    init() async throws {
        router = APIRouter(directory: directory, hashing: CryptHasher(), setName: .both)
        try await directory.start()
        let zhang = Fixtures.user("zhang", uid: 10_001)
        var change = Fixtures.change([Fixtures.cluster()], [zhang])
        change.keys = [
            AccessKey(
                id: Self.keyID, principal: .operator(zhang.account),
                secret: try Self.seal.seal(Array(Self.secret.utf8), of: Self.keyID.text), createTime: Fixtures.time)
        ]
        for (index, role) in [Role.boss, .admin, .member].enumerated() {
            change.users.append(
                Fixtures.user(
                    role.rawValue, uid: 10_100 + UInt32(index), account: "usr-\(role.rawValue)", role: role))
        }
        for (name, principal) in Self.principals {
            let id = Self.keyID(of: name)
            change.keys.append(
                AccessKey(
                    id: id, principal: principal, secret: try Self.seal.seal(Array(Self.secret.utf8), of: id.text),
                    createTime: Fixtures.time))
        }
        change.groups = [
            Group(cluster: Fixtures.cluster().id, name: "optics", gidNumber: 10_500, isPrimary: false),
            Group(cluster: Fixtures.cluster().id, name: "staff", gidNumber: 10_400, isPrimary: true),
        ]
        try await directory.commit(change)
    }

    /// Whose keys there are, beside the operator's `keyID`.
    private static let principals: [(name: String, principal: Principal)] = [
        ("operator", .operator(AccountID(stored: "usr-operator"))), ("boss", .account(AccountID(stored: "usr-boss"))),
        ("admin", .account(AccountID(stored: "usr-admin"))), ("member", .account(AccountID(stored: "usr-member"))),
        ("reader", .reader(Fixtures.cluster().id)),
    ]

    private static func keyID(of name: String) -> AccessKeyID { AccessKeyID(stored: "QY\(name.uppercased())") }

    /// The `message` of the response; nil if the call succeeded.
    private func message(_ call: APIRouter.Call, _ parameters: [String: String]) async throws -> String? {
        try await response(to: call, parameters, signedBy: Self.keyID)["message"] as? String
    }

    /// The members of the response.
    private func response(
        to call: APIRouter.Call, _ parameters: [String: Any], signedBy key: AccessKeyID
    ) async throws -> [String: Any] {
        let body = call.isRead ? [] : try JSONSerialization.data(withJSONObject: parameters).map { $0 }
        let query = RequestSigning(accessKeyID: key.text, secretAccessKey: Self.secret).query(
            method: call.method.rawValue, path: call.path,
            parameters: call.isRead ? parameters.map { (name: $0.key, value: "\($0.value)") } : [], body: body,
            time: Fixtures.time)
        let handler = APIHandler(
            directory: directory, router: router, limits: CallLimits(setting: .accountKeys, proxies: .none))
        let response = await handler.answer(
            APIRequest(
                method: call.method, target: "\(call.path)?\(query)", peer: "-", forwardedFor: [], leastRevision: [],
                requestID: RequestID(), logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        ) { body }
        let object = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        let members = try #require(object as? [String: Any])
        #expect(members["action"] as? String == call.action)
        return members
    }

    private static func sample(_ parameter: ParameterDescription) -> String {
        switch parameter.kind {
        case .zone: "zone1"
        case .text, .username, .words, .names, .attributes, .objects: "sample"
        case .searchWord: "sample"
        case .path: "/sample"
        case .chainHead: "1:00"
        case .jobIDs: "j-sample"
        case .userID: "hpcuser-sample"
        case .fileMode: "700"
        case .integer, .flag: "0"
        case .posixNumber: "4000"
        case .place: "ou=sample"
        case .choice(let words): words[0]
        case .time: "2026-01-01T00:00:00Z"
        case .clusterID: Fixtures.cluster().id.text
        case .accountID: "usr-sample"
        }
    }

    /// A value that the kind excludes; nil if it excludes no string.
    private static func malformed(_ kind: ParameterDescription.Kind) -> String? {
        switch kind {
        case .text(nil), .username: nil
        case .zone: "with space"
        case .text(let maximum?): String(repeating: "a", count: maximum + 1)
        case .fileMode: "rwx"
        case .integer, .posixNumber: "-1"
        case .flag: "2"
        case .choice: "no such word"
        case .time: "yesterday"
        case .place: "sample"
        case .clusterID, .accountID, .userID, .chainHead, .jobIDs: "?"
        case .searchWord: String(repeating: "a", count: 257)
        case .path: "sample"
        case .words(let maximum): Array(repeating: "w", count: maximum + 1).joined(separator: ",")
        case .names, .attributes, .objects: "a string"
        }
    }

    private func required(of call: APIRouter.Call) -> [String: String] {
        let required = call.description.parameters.filter(\.isRequired)
        return Dictionary(uniqueKeysWithValues: required.map { ($0.name, Self.sample($0)) })
    }

    @Test func eachPathAndActionNamesOneCall() {
        #expect(Set(router.calls.map(\.path)).count == router.calls.count)
        #expect(Set(router.calls.map(\.action)).count == router.calls.count)
        for call in router.calls {
            guard case .call(let found) = router.route(call.method, path: call.path[...]) else {
                Issue.record("\(call.path) names no call")
                continue
            }
            #expect(found.action == call.action)
            guard case .refused(let error, let action) = router.route(.put, path: call.path[...]) else {
                Issue.record("\(call.path) accepts every method")
                continue
            }
            #expect(error.code == .unknownAction)
            #expect(action == call.action)
        }
    }

    @Test func eachParameterIsDeclaredOnceWithAMeaning() {
        for call in router.calls {
            let parameters = call.description.parameters
            #expect(Set(parameters.map(\.name)).count == parameters.count, "\(call.path)")
            #expect(parameters.allSatisfy { $0.meaning.hasSuffix(".") }, "\(call.path)")
        }
    }

    @Test func aRequestWithoutARequiredParameterIsRefused() async throws {
        for call in router.calls {
            for name in required(of: call).keys {
                var parameters = required(of: call)
                parameters[name] = nil
                let message = try await message(call, parameters)
                #expect(message == "\(name): is missing", "\(call.path)")
            }
        }
    }

    @Test func aParameterOfAnotherKindIsRefused() async throws {
        for call in router.calls {
            for parameter in call.description.parameters {
                guard let value = Self.malformed(parameter.kind) else { continue }
                var parameters = required(of: call)
                parameters[parameter.name] = value
                let message = try await message(call, parameters)
                #expect(message?.hasPrefix("\(parameter.name): ") == true, "\(call.path): \(message ?? "succeeded")")
            }
        }
    }

    /// What a call needs beside its required parameters, so that nothing but the caller's rights is in its way.
    private static let further: [String: [String: any Sendable]] = [
        "/api/user/addUser": ["username": "fresh", "password": "Clear-Text-2021"],
        "/api/user/modifyUser": ["username": "member", "new_password": "Clear-Text-2022"],
        "/api/user/deleteUser": ["username": "zhang"], "/api/user/restoreUser": ["username": "zhang"],
        "/api/user/describeUser": ["username": "member"], "/api/user/checkUser": ["username": "member"],
        "/api/user/addUsers": ["users": [["username": "fresh2"]]],
        "/api/user/modifyUsers": ["usernames": ["member"], "gecos": "x"],
        "/api/user/deleteUsers": ["usernames": ["fresh2"]],
        "/api/attribute/declareAttribute": ["name": "projectCode", "syntax": "text"],
        "/api/attribute/removeAttribute": ["name": "projectCode"],
        "/api/user/uidHistory": ["uid_number": "10001"],
        "/api/group/createGroup": ["group_name": "lasers"],
        "/api/group/describeGroup": ["group_name": "staff"], "/api/group/listGroupsOfUser": ["username": "member"],
        "/api/group/modifyGroup": ["group_name": "optics", "add_members": ["member"]],
        "/api/group/deleteGroup": ["group_name": "optics"],
        "/api/cluster/createCluster": ["cluster_id": "hpc-fresh001", "nas_mount_point": "/share"],
        "/api/cluster/modifyCluster": ["description": "what it is"],
        "/api/map/putEntry": ["place": "ou=sudoers", "kind": "organizationalUnit"],
        "/api/map/describeEntry": ["place": "ou=sudoers"], "/api/map/removeEntry": ["place": "ou=sudoers"],
    ]

    /// In the order in which each finds what the one before has left.
    @Test func eachCallAcceptsThoseWhomItsAccessNames() async throws {
        let removing = router.calls.filter { call in
            ["delete", "remove", "restore"].contains { call.path.contains($0) }
        }
        let others = router.calls.filter { call in !removing.contains { $0.path == call.path } }
        for call in others.sorted(by: { !$0.isRead && $1.isRead }) + removing {
            let parameters = required(of: call).mapValues { $0 as Any }
                .merging(Self.further[call.path] ?? [:]) { _, given in given }
            // Those without rights first: what they do must leave everything as it is.
            for (name, _) in Self.principals.reversed() {
                let response = try await response(to: call, parameters, signedBy: Self.keyID(of: name))
                let code = try #require(response["ret_code"] as? Int)
                // Of what a key does not see it is not told that it is there.
                let isDenied = [1200, 1400, 1610, 2100].contains(code)
                #expect(
                    isDenied != Self.isAccepted(name, by: call.description.access), "\(name), \(call.path): \(response)"
                )
                // The next one would find nothing to remove.
                if code == 0, removing.contains(where: { $0.path == call.path }) { break }
            }
        }
    }

    private static func isAccepted(_ name: String, by access: CallAccess) -> Bool {
        switch access {
        case .everyKey: true
        case .everyAccount: name != "reader"
        case .wholeCluster: name != "member"
        case .ownUserOrClusterAdministrator: name != "reader"
        case .clusterAdministrator: !["reader", "member"].contains(name)
        case .globalAdministrator: ["operator", "boss"].contains(name)
        }
    }
}
