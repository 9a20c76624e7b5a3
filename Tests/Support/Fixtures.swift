import RosterDirectory
package import RosterModel
package import RosterStore

/// People, clusters and keys for tests.
package enum Fixtures {
    /// 2021-08-17T09:12:40Z, as in the contract's example.
    package static let time = Timestamp(seconds: 1_629_191_560)
    package static let zone = Zone(stored: "zone1")

    package static func cluster(_ tail: String = "qig9xu97", zone: Zone = zone) -> Cluster {
        Cluster(id: ClusterID(stored: "hpc-" + tail), zone: zone, nasMountPoint: "/public/s0723", createTime: time)
    }

    /// A member; everything that is not given follows from `uid`.
    package static func user(
        _ name: String, uid: UInt32, cluster: Cluster = cluster(), account: String? = nil, role: Role = .member,
        createTime: Timestamp? = nil
    ) -> User {
        User(
            id: HPCUserID(stored: "hpcuser-\(cluster.id.text.suffix(4))\(uid)"), cluster: cluster.id,
            account: AccountID(stored: account ?? "usr-\(uid)"), username: Username(stored: name), uidNumber: uid,
            gidNumber: 10_000, role: role, nasMountPoint: cluster.nasMountPoint,
            homeDirectory: cluster.home(of: Username(stored: name), mount: cluster.nasMountPoint),
            createTime: createTime ?? Timestamp(seconds: time.seconds + Int64(uid)), updateTime: time)
    }

    /// A sudo rule or a unit: `cn=…` or `ou=…`, at a place below the cluster's base.
    package static func mapEntry(_ place: String, cluster: Cluster = cluster(), user: String = "ALL") -> MapEntry {
        let place = MapPlace(stored: place)
        var attributes = MapAttributes()
        let isRule = place.relativeNames.first?.attribute == .commonName
        attributes[isRule ? .commonName : .unit] = place.relativeNames.prefix(1).map(\.value)
        if isRule { attributes[.sudoUser] = [user] }
        return MapEntry(
            cluster: cluster.id, kind: isRule ? .sudoRole : .organizationalUnit, place: place, stored: attributes,
            createTime: time, updateTime: time)
    }

    package static func change(_ clusters: [Cluster] = [], _ users: [User] = [], removing: [HPCUserID] = []) -> Change {
        var change = Change(time: time)
        change.clusters = clusters
        change.users = users
        change.removedUsers = removing
        return change
    }

    /// A key that works.
    package static func key(_ principal: Principal = .reader(nil)) -> AccessKey {
        AccessKey(
            id: AccessKeyID(stored: "AAAAAAAAAAAAAAAAAAAA"), principal: principal,
            secret: SealedSecret(keyVersion: 1, bytes: [1]), createTime: time)
    }

    package static func event(_ action: String = "ImportUsers") -> OperationEvent {
        OperationEvent(
            job: .make(), time: time, action: action, submitter: "os:tester", origin: "local", status: .successful)
    }
}

/// Seals by turning bits round and judges nothing: for tests that are not about secrets.
package struct PlaintextSealing: SecretSealing, EventChaining, SignatureVerifying {
    package init() {}

    package func seal(_ secret: [UInt8], of owner: String) throws(RosterError) -> SealedSecret {
        SealedSecret(keyVersion: 1, bytes: secret.map { ~$0 })
    }

    package func open(_ sealed: SealedSecret, of owner: String) throws(RosterError) -> [UInt8] {
        sealed.bytes.map { ~$0 }
    }

    package func code(after previous: [UInt8], of event: [UInt8]) -> [UInt8] {
        // FNV-1a over both: short, repeatable, and changed by every byte.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in previous + event { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return (0..<8).map { UInt8(truncatingIfNeeded: hash >> ($0 * 8)) }
    }

    package func digest(of request: SignedRequest) -> [UInt8]? { request["signature"].map { Array($0.utf8) } }

    package func prepare(secret: [UInt8]) -> any SignatureVerifier { Verifier(accepted: true) }

    package var dummyVerifier: any SignatureVerifier { Verifier(accepted: false) }

    private struct Verifier: SignatureVerifier {
        let accepted: Bool

        func accepts(_ request: SignedRequest) -> Bool { accepted }
    }
}

/// A generator with a seed, so that a random test that fails can be run again.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
