package import RosterModel
import RosterSnapshot
package import RosterStore

/// Changes as a site makes them over the years, at random: clusters that are made empty, filled, emptied again, moved to
/// another zone and retired, in every order, and people, groups and keys that come and go in them.
///
/// Every store takes every change of it. The same seed is the same history.
package struct RandomHistory: CustomStringConvertible {
    package let description: String
    private var random: SeededGenerator
    private let isLarge: Bool
    private var clusters: [ClusterID: Cluster] = [:]
    /// Clusters that nobody changes any more.
    private var retired: Set<ClusterID> = []
    private var users: [HPCUserID: User] = [:]
    private var removed: [HPCUserID: User] = [:]
    private var groups: [Group.Key: Group] = [:]
    private var keys: [AccessKeyID: AccessKey] = [:]
    private var mapKeys: Set<MapEntry.Key> = []
    private var serial: UInt32 = 0

    /// - Parameter isLarge: whether some changes are of more users than a block of a snapshot has.
    package init(seed: UInt64, isLarge: Bool = false) {
        description = "history \(seed)\(isLarge ? ", large" : "")"
        random = SeededGenerator(seed: seed)
        self.isLarge = isLarge
    }

    /// Words that some of the names hold.
    package static let words = ["a", "ZH", "long", "é", "7"]

    /// The keys that there are or were.
    package var keyIDs: [AccessKeyID] { keys.keys.sorted() }

    /// The clusters that there are.
    package var clusterIDs: [ClusterID] { clusters.keys.sorted() }

    /// The change that comes next, and what has become of the directory is remembered.
    package mutating func next() -> Change {
        serial += 1
        var change = Change(time: Timestamp(seconds: Fixtures.time.seconds + Int64(serial)))
        for _ in 0..<(chance(70) ? 1 : 3) { addStep(to: &change) }
        if chance(20) { change.events = [Fixtures.event("A\(serial)")] }
        return change
    }

    // MARK: Steps

    private mutating func addStep(to change: inout Change) {
        let inUse = clusters.keys.filter { !retired.contains($0) }.sorted()
        guard let cluster = inUse.randomElement(using: &random).flatMap({ clusters[$0] }) else {
            return makeCluster(&change)
        }
        switch Int.random(in: 0..<21, using: &random) {
        case 0...2: makeCluster(&change)
        case 3...6: addUsers(to: cluster, count: isLarge && chance(25) ? 600 : count(1...6), &change)
        case 7...9: changeUsers(&change)
        case 10: removeUsers(of: cluster, share: 40, &change)
        case 11: removeUsers(of: cluster, share: 100, &change)
        case 12: restoreUsers(of: cluster, &change)
        case 13: upsert(cluster, in: cluster.zone, &change)
        case 14: upsert(cluster, in: Zone(stored: "zone\(count(1...3))"), &change)
        case 15: retire(cluster, &change)
        case 16...17: changeGroups(of: cluster, &change)
        case 18: changeKeys(&change)
        case 19: changeMaps(of: cluster, &change)
        default: break  // A change of nothing but the revision.
        }
    }

    /// A cluster whose name comes anywhere in the order of all, without users or with some.
    private mutating func makeCluster(_ change: inout Change) {
        serial += 1
        var cluster = Fixtures.cluster(
            "\(["a", "m", "z"].randomElement(using: &random) ?? "")\(count(0...99))x\(serial)",
            zone: Zone(stored: "zone\(count(1...3))"))
        cluster.createTime = Timestamp(seconds: Int64(count(0...5)))
        clusters[cluster.id] = cluster
        change.clusters.append(cluster)
        if chance(50) { makeGroup(of: cluster, isPrimary: true, &change) }
        if chance(40) { addUsers(to: cluster, count: count(1...4), &change) }
    }

    private mutating func upsert(_ cluster: Cluster, in zone: Zone, _ change: inout Change) {
        var cluster = clusters[cluster.id] ?? cluster
        cluster.zone = zone
        cluster.description = "change \(serial)"
        clusters[cluster.id] = cluster
        change.clusters.removeAll { $0.id == cluster.id }
        change.clusters.append(cluster)
    }

    private mutating func retire(_ cluster: Cluster, _ change: inout Change) {
        removeUsers(of: cluster, share: 100, &change)
        for group in groups(of: cluster) { remove(group, &change) }
        if chance(50) { upsert(cluster, in: cluster.zone, &change) }
        retired.insert(cluster.id)
    }

    private mutating func addUsers(to cluster: Cluster, count: Int, _ change: inout Change) {
        for _ in 0..<count {
            serial += 1
            let name = ["zhang", "Long", "é", "an", "wu_"].randomElement(using: &random) ?? ""
            var user = Fixtures.user(
                "\(name)\(serial)", uid: 10_000 + serial, cluster: cluster,
                account: chance(10) ? "usr-Longer00\(serial % 4)" : "usr-\(self.count(0...9))",
                createTime: Timestamp(seconds: Int64(self.count(0...3))))
            // Some identifiers are longer than what is kept in a number, and agree in all that is: with the same time of
            // creation only the whole text decides which of two comes first.
            user.id = HPCUserID(stored: chance(40) ? "hpcuser-longer00\(serial)" : "hpcuser-\(serial)")
            upsert(user, &change)
        }
    }

    private mutating func changeUsers(_ change: inout Change) {
        for _ in 0..<count(1...4) {
            let inUse = users.values.filter { !retired.contains($0.cluster) }.map(\.id).sorted()
            guard let id = inUse.randomElement(using: &random), var user = users[id] else { return }
            switch count(0...8) {
            case 0: user.username = Username(stored: "renamed\(serial)-\(user.uidNumber)")
            case 1: user.createTime = Timestamp(seconds: Int64(count(0...3)))
            case 2: user.account = AccountID(stored: "usr-\(count(0...9))")
            case 3: user.expires = chance(50) ? Timestamp(seconds: Int64(serial)) : nil
            case 4: user.password = chance(50) ? PasswordHash(stored: "$y$\(serial)") : nil
            case 5: user.gecos = "No. \(serial)"
            case 7:
                let values = (0..<count(0...2)).map { Array("u\(serial)-\($0)@example.org".utf8) }
                user.attributes[.mail] = values
                if chance(30) { user.attributes[.photo] = [[0xFF, 0xD8, 0xFF, UInt8(serial % 256)]] }
            case 6: user.homeDirectory = "/elsewhere/\(serial)"
            default: user.state = user.state == .active ? .locked : .active
            }
            user.updateTime = Timestamp(seconds: Int64(count(0...3)))
            upsert(user, &change)
        }
    }

    /// - Parameter share: how many of a hundred go.
    private mutating func removeUsers(of cluster: Cluster, share: Int, _ change: inout Change) {
        for user in users.values.filter({ $0.cluster == cluster.id }).sorted(by: { $0.id < $1.id }) where chance(share)
        {
            // A change that makes a user does not remove it too.
            guard !change.users.contains(where: { $0.id == user.id }) else { continue }
            users[user.id] = nil
            removed[user.id] = user
            change.removedUsers.append(user.id)
            for key in groups.keys { groups[key]?.members.removeAll { $0 == user.id } }
        }
        change.groups = change.groups.compactMap { groups[$0.key] }
    }

    private mutating func restoreUsers(of cluster: Cluster, _ change: inout Change) {
        for user in removed.values.filter({ $0.cluster == cluster.id }).sorted(by: { $0.id < $1.id }) where chance(50) {
            guard !change.removedUsers.contains(user.id) else { continue }
            upsert(user, &change)
        }
    }

    private mutating func upsert(_ user: User, _ change: inout Change) {
        users[user.id] = user
        removed[user.id] = nil
        change.users.removeAll { $0.id == user.id }
        change.users.append(user)
    }

    private mutating func changeGroups(of cluster: Cluster, _ change: inout Change) {
        guard chance(70), var group = groups(of: cluster).randomElement(using: &random) else {
            return makeGroup(of: cluster, isPrimary: false, &change)
        }
        guard !change.removedGroups.contains(group.key) else { return }
        if chance(30) { return remove(group, &change) }
        if chance(30) { group.name = "renamed\(serial)-\(group.gidNumber)" }
        group.members = members(of: cluster, change)
        // Circles are allowed to come about.
        group.memberGroups = groups(of: cluster).map(\.gidNumber).filter { _ in chance(25) }
        group.memberNames = ["slurm", "www-data", "é"].filter { _ in chance(20) }
        group.updateTime = Timestamp(seconds: Int64(serial))
        upsert(group, &change)
    }

    private func groups(of cluster: Cluster) -> [Group] {
        groups.values.filter { $0.cluster == cluster.id }.sorted { $0.gidNumber < $1.gidNumber }
    }

    private mutating func makeGroup(of cluster: Cluster, isPrimary: Bool, _ change: inout Change) {
        serial += 1
        var group = Group(
            cluster: cluster.id, name: "g\(serial)", gidNumber: 100_000 + serial, isPrimary: isPrimary,
            members: isPrimary ? [] : members(of: cluster, change))
        group.createTime = chance(50) ? Timestamp(seconds: Int64(serial)) : nil
        upsert(group, &change)
    }

    private mutating func members(of cluster: Cluster, _ change: Change) -> [HPCUserID] {
        users.values.filter { $0.cluster == cluster.id }.map(\.id).sorted().filter { _ in chance(30) }
    }

    private mutating func upsert(_ group: Group, _ change: inout Change) {
        groups[group.key] = group
        change.groups.removeAll { $0.key == group.key }
        change.groups.append(group)
    }

    private mutating func remove(_ group: Group, _ change: inout Change) {
        // A change that makes a group does not remove it too.
        guard !change.groups.contains(where: { $0.key == group.key }) else { return }
        groups[group.key] = nil
        change.removedGroups.append(group.key)
    }

    private mutating func changeMaps(of cluster: Cluster, _ change: inout Change) {
        let own = mapKeys.filter { $0.cluster == cluster.id }.sorted { $0.place < $1.place }
        if chance(30), let key = own.randomElement(using: &random),
            !change.mapEntries.contains(where: { $0.key == key })
        {
            mapKeys.remove(key)
            change.removedMapEntries.append(key)
            return
        }
        for _ in 0..<count(1...3) {
            let places = [
                "ou=sudoers", "cn=a\(count(0...3)),ou=sudoers", "cn=\(count(0...9)),cn=a1,ou=sudoers",
                "ou=é \(count(0...2))",
            ]
            let entry = Fixtures.mapEntry(
                places.randomElement(using: &random) ?? "ou=sudoers", cluster: cluster, user: "u\(serial)")
            guard !change.removedMapEntries.contains(entry.key) else { continue }
            change.mapEntries.removeAll { $0.key == entry.key }
            change.mapEntries.append(entry)
            mapKeys.insert(entry.key)
        }
    }

    private mutating func changeKeys(_ change: inout Change) {
        if chance(50), let id = keyIDs.randomElement(using: &random), var key = keys[id] {
            key.revokeTime = Fixtures.time
            keys[id] = key
            change.keys = [key]
            return
        }
        let principal: [Principal] = [
            .reader(nil), .reader(clusterIDs.randomElement(using: &random)), .operator(AccountID(stored: "usr-1")),
        ]
        let key = AccessKey(
            id: AccessKeyID(stored: String("KEY\(serial)AAAAAAAAAAAAAAAAAAAA".prefix(20))),
            principal: principal.randomElement(using: &random) ?? .reader(nil),
            secret: SealedSecret(keyVersion: 1, bytes: [1]), createTime: Fixtures.time)
        keys[key.id] = key
        change.keys = [key]
    }

    // MARK: Chance

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private mutating func count(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
}
