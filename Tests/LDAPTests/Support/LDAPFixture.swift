import NIOCore
import NIOEmbedded
import RosterDirectory
import RosterLDAP
import RosterModel
import RosterServing
import RosterStore
import RosterTesting

/// A directory with a few people in it, and connections to its LDAP server that need no socket.
struct LDAPFixture {
    static let cluster = Fixtures.cluster("aaaa")
    static let hidden = Fixtures.cluster("bbbb")
    static let reader = AccessKeyID(stored: "READERREADERREADERRE")
    static let operatorKey = AccessKeyID(stored: "OPERATOROPERATOROPER")
    static let base = DirectoryInformationTree.defaultBase
    static let people = "ou=People,ou=hpc-aaaa,\(base)"

    let store = MemoryStore(chaining: PlaintextSealing())
    let directory: Directory
    let settings: LDAPServerConfiguration
    /// Few, and none comes back while a test runs.
    let failures: FailureCounter
    static let allowedFailures = 5

    /// - Parameter users: more than those that are always there: `zhangs` (uid 10000), `locked`, `li, x` and `boss`.
    init(users: [User] = [], change: @Sendable (inout LDAPServerConfiguration) -> Void = { _ in }) async throws {
        var settings = LDAPServerConfiguration(tree: try DirectoryInformationTree(), listeners: [])
        change(&settings)
        self.settings = settings
        failures = FailureCounter(try RateSetting(calls: Self.allowedFailures, seconds: 86_400))
        directory = Directory(
            store: store, sealing: PlaintextSealing(), verifying: PlaintextSealing(), clock: { Fixtures.time },
            report: { _ in })
        var people = users
        var zhang = Fixtures.user("zhangs", uid: 10_000, cluster: Self.cluster)
        zhang.gecos = "Zhang San"
        zhang.password = PasswordHash(stored: "secret of zhangs")
        zhang.passwordTime = Timestamp(seconds: 19_000 * 86_400 + 5)
        var locked = Fixtures.user("locked", uid: 10_001, cluster: Self.cluster)
        locked.state = .locked
        locked.password = PasswordHash(stored: "secret of locked")
        var boss = Fixtures.user("boss", uid: 10_002, cluster: Self.cluster, role: .boss)
        boss.password = PasswordHash(stored: "secret of boss")
        people += [
            zhang, locked, boss, Fixtures.user("li, x", uid: 10_003, cluster: Self.cluster),
            Fixtures.user("other", uid: 10_000, cluster: Self.hidden),
        ]
        var change = Fixtures.change([Self.cluster, Self.hidden], people)
        change.groups = [
            Group(cluster: Self.cluster.id, name: "hpc", gidNumber: 10_000, isPrimary: true),
            Group(
                cluster: Self.cluster.id, name: "gpu", gidNumber: 10_900, isPrimary: false,
                members: [zhang.id, boss.id]),
        ]
        let secret = try PlaintextSealing().seal(Array("s3cret".utf8), of: "")
        change.keys = [
            AccessKey(id: Self.reader, principal: .reader(Self.cluster.id), secret: secret, createTime: Fixtures.time),
            AccessKey(
                id: Self.operatorKey, principal: .operator(AccountID(stored: "usr-op")), secret: secret,
                createTime: Fixtures.time),
        ]
        // Before the start, so that they are loaded: that is quicker than publishing thousands.
        _ = try await store.commit(change, ifNewest: nil)
        try await directory.start()
    }

    /// A new connection, bound by the reader key of the cluster unless `key` says otherwise; nil binds nobody.
    func connect(from address: String = "127.0.0.1", key: AccessKeyID? = reader) async throws -> Connection {
        let channel = NIOAsyncTestingChannel()
        let (directory, failures, settings) = (directory, failures, settings)
        try await channel.testingEventLoop.executeInContext {
            try channel.pipeline.syncOperations.addHandler(
                LDAPServer.connection(
                    directory: directory, hashing: PlaintextHashing(), failures: failures, settings: settings,
                    address: address))
        }
        try await channel.connect(to: try SocketAddress(ipAddress: address, port: 5000)).get()
        let connection = Connection(channel: channel)
        if let key { try await bind(connection, "cn=\(key),ou=Services,\(Self.base)", "s3cret") }
        return connection
    }

    /// A new connection, bound by a user's password.
    func connect(
        as name: String, _ password: String, in cluster: Cluster = cluster, from address: String = "127.0.0.1"
    ) async throws -> Connection {
        let connection = try await connect(from: address, key: nil)
        try await bind(connection, "uid=\(name),ou=People,ou=\(cluster.id),\(Self.base)", password)
        return connection
    }

    private func bind(_ connection: Connection, _ name: String, _ password: String) async throws {
        let answer = try await connection.ask(.bind(name, password))
        guard answer.last?.code == .success else { throw BindError(code: answer.last?.code) }
    }
}

struct BindError: Error {
    let code: ResultCode?
}
