import Foundation
package import RosterModel
package import RosterSnapshot

/// Made-up users in memory, read from the CSV of `generate`, and changes of them.
package struct MadeSite: Sendable {
    package static let zone = Zone(stored: "zone1")

    /// In the order of the file: a cluster's users side by side, the largest cluster first.
    package let users: [User]
    package let clusters: [Cluster]

    /// - Throws: where the file cannot be read. One that `generate` did not make ends the process.
    package init(csv path: String) throws {
        var users: [User] = []
        var clusters: [Cluster] = []
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        for line in bytes.split(separator: UInt8(ascii: "\n")).dropFirst() {
            let cells = line.split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) }
            guard cells.count == 10, let uid = UInt32(cells[2]), let gid = UInt32(cells[3]),
                let role = Role(rawValue: cells[4]), let created = Timestamp(iso8601: cells[8]),
                let updated = Timestamp(iso8601: cells[9])
            else { fatalError("\(path) was not made by generate") }
            let cluster = ClusterID(stored: cells[0])
            if clusters.last?.id != cluster {
                clusters.append(Cluster(id: cluster, zone: Self.zone, nasMountPoint: cells[7], createTime: created))
            }
            users.append(
                User(
                    id: HPCUserID(stored: cells[6]), cluster: cluster, account: AccountID(stored: cells[5]),
                    username: Username(stored: cells[1]), uidNumber: uid, gidNumber: gid, role: role,
                    nasMountPoint: cells[7], homeDirectory: "\(cells[7])/home/\(cells[1])", createTime: created,
                    updateTime: updated))
        }
        self.users = users
        self.clusters = clusters
    }

    /// All of it as the first snapshot, at revision 1.
    package func snapshot() -> Snapshot {
        Snapshot(
            DirectoryContents(revision: Revision(1), clusters: clusters, users: users), prepareKey: { _ in nil })
    }

    /// One user locked or unlocked: the change after `revision`.
    package func change(after revision: Revision, using random: inout some RandomNumberGenerator) -> Delta {
        var user = users[Int.random(in: 0..<users.count, using: &random)]
        user.state = Bool.random(using: &random) ? .active : .locked
        user.updateTime = Timestamp(seconds: user.updateTime.seconds + 1)
        user.revision = revision.next
        var delta = Delta(from: revision, to: revision.next)
        delta.users = [user]
        return delta
    }
}

/// SplitMix64: the same seed gives the same changes.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
