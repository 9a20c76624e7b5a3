import NIOCore
import NIOEmbedded
import Roster
import RosterLDAP
import RosterTesting

/// A directory with a few people in it, and connections to its face that need no socket.
struct Served {
    static let cluster = MadeUp.cluster("aaaa")
    static let hidden = MadeUp.cluster("bbbb")
    static let reader = AccessKeyID(stored: "READERREADERREADERRE")
    static let operatorKey = AccessKeyID(stored: "OPERATOROPERATOROPER")
    static let base = Tree.defaultBase
    static let people = "ou=People,ou=hpc-aaaa,\(base)"

    let store = MemoryStore(chaining: OpenSeal())
    let directory: Directory
    let settings: LDAPSettings

    /// - Parameter users: more than those that are always there: `zhangs` (uid 10000), `locked`, `li, x` and `boss`.
    init(users: [User] = [], change: @Sendable (inout LDAPSettings) -> Void = { _ in }) async throws {
        var settings = LDAPSettings(tree: try Tree(), listeners: [])
        change(&settings)
        self.settings = settings
        directory = Directory(
            store: store, sealing: OpenSeal(), judging: OpenSeal(), clock: { MadeUp.time }, report: { _ in })
        var people = users
        var zhang = MadeUp.user("zhangs", uid: 10_000, cluster: Self.cluster)
        zhang.gecos = "Zhang San"
        zhang.password = PasswordHash(stored: "secret of zhangs")
        zhang.passwordTime = Timestamp(seconds: 19_000 * 86_400 + 5)
        var locked = MadeUp.user("locked", uid: 10_001, cluster: Self.cluster)
        locked.state = .locked
        locked.password = PasswordHash(stored: "secret of locked")
        var boss = MadeUp.user("boss", uid: 10_002, cluster: Self.cluster, role: .boss)
        boss.password = PasswordHash(stored: "secret of boss")
        people += [
            zhang, locked, boss, MadeUp.user("li, x", uid: 10_003, cluster: Self.cluster),
            MadeUp.user("other", uid: 10_000, cluster: Self.hidden),
        ]
        var change = MadeUp.change([Self.cluster, Self.hidden], people)
        change.groups = [
            Group(cluster: Self.cluster.id, name: "hpc", gidNumber: 10_000, isPrimary: true),
            Group(
                cluster: Self.cluster.id, name: "gpu", gidNumber: 10_900, isPrimary: false,
                members: [zhang.id, boss.id]),
        ]
        let secret = try OpenSeal().seal(Array("s3cret".utf8), of: "")
        change.keys = [
            AccessKey(id: Self.reader, principal: .reader(Self.cluster.id), secret: secret, createTime: MadeUp.time),
            AccessKey(
                id: Self.operatorKey, principal: .operator(AccountID(stored: "usr-op")), secret: secret,
                createTime: MadeUp.time),
        ]
        // Before the start, so that they are loaded: that is quicker than publishing thousands.
        _ = try await store.commit(change, ifNewest: nil)
        try await directory.start()
    }

    /// A new connection, bound by the reader key of the cluster unless `key` says otherwise; nil binds nobody.
    func connect(from address: String = "127.0.0.1", key: AccessKeyID? = reader) throws -> Connection {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(
            LDAPFace.connection(directory: directory, hashing: PlainHasher(), settings: settings, address: address))
        channel.connect(to: try SocketAddress(ipAddress: address, port: 5000), promise: nil)
        let connection = Connection(channel: channel)
        if let key {
            let answer = try connection.ask(.bind("cn=\(key),ou=Services,\(Self.base)", "s3cret"))
            guard answer.last?.code == .success else { throw BindFailure(code: answer.last?.code) }
        }
        return connection
    }
}

struct BindFailure: Error {
    let code: ResultCode?
}

/// Passwords as they are: for tests that are not about hashes.
struct PlainHasher: PasswordHashing {
    func hash(_ password: String) async throws(RosterError) -> PasswordHash { PasswordHash(stored: password) }

    func verify(_ password: String, against hash: PasswordHash) async throws(RosterError) -> Bool {
        hash.text == password
    }
}
