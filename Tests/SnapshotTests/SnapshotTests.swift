import RosterModel
import RosterSnapshot
import RosterTesting
import Testing

/// The snapshot's answers against a plain scan of all users with `Filter.matches`.
@Suite struct SnapshotTests {
    /// The directory as a list, and the plainest possible answer from it.
    private struct Model {
        var clusters: [Cluster] = []
        var users: [HPCUserID: User] = [:]
        var groups: [Group] = []

        /// What of the conditions no filter says.
        func fulfils(_ user: User, _ conditions: UserConditions) -> Bool {
            if let unused = conditions.unused {
                let isActive = Array(user.id.text.utf8).withUnsafeBufferPointer { unused.active.contains($0) }
                if user.createTime >= unused.since || isActive { return false }
            }
            if let hasPassword = conditions.hasPassword, (user.password != nil) != hasPassword { return false }
            if let name = conditions.username, user.username.key != Username.key(of: name) { return false }
            guard let name = conditions.groupName else { return true }
            return groups.contains { group in
                group.cluster == user.cluster && Username.key(of: group.name) == Username.key(of: name)
                    && (group.gidNumber == user.gidNumber || group.members.contains(user.id))
            }
        }

        func page(_ query: UserQuery, scope: Scope) -> (totalCount: Int, users: [User])? {
            let inZone = clusters.filter { $0.zone == query.zone }
            guard !inZone.isEmpty else { return nil }
            if let id = query.cluster {
                guard inZone.contains(where: { $0.id == id }), scope.visibility(in: id) != nil else { return nil }
            }
            let zoneIDs = Set(inZone.map(\.id))
            let found = users.values.filter { user in
                guard zoneIDs.contains(user.cluster), query.filter.matches(user) == .yes else { return false }
                if let conditions = query.conditions, !fulfils(user, conditions) { return false }
                switch scope.visibility(in: user.cluster) {
                case .none: return false
                case .all: return true
                case .rows(let account): return user.account == account
                }
            }
            var sorted = found.sorted { left, right in
                let ties = left.id.text < right.id.text
                switch query.sortKey {
                case .createTime: return left.createTime == right.createTime ? ties : left.createTime < right.createTime
                case .updateTime: return left.updateTime == right.updateTime ? ties : left.updateTime < right.updateTime
                case .uidNumber: return left.uidNumber == right.uidNumber ? ties : left.uidNumber < right.uidNumber
                case .username:
                    let (first, second) = (FoldedText(left.username.text), FoldedText(right.username.text))
                    return first == second ? ties : first < second
                }
            }
            if query.isReversed { sorted.reverse() }
            return (sorted.count, Array(sorted.dropFirst(query.offset).prefix(query.limit)))
        }
    }

    private struct Site {
        let clusters: [Cluster]
        /// How often each of them gets a user.
        let weights: [Int]

        func cluster(using random: inout SeededGenerator) -> Cluster {
            var place = Int.random(in: 0..<weights.reduce(0, +), using: &random)
            for (cluster, weight) in zip(clusters, weights) {
                if place < weight { return cluster }
                place -= weight
            }
            return clusters[0]
        }
    }

    private static let words = [
        "", "a", "ZH", "an", "_", "%", "é", "É", "usr-", "li0", "nobody", "张", "三", "zhang1", "ang", "g12", "1", "00",
        "averylongname", "AVeryLongNameThat", "a\u{0}b", "K", "ß", "renamed",
    ]
    private static let names = [
        "zhang", "Li", "wang_", "usr-Ab", "100%", "é", "É", "a*b", "张三", "an", "\u{212A}elvin", "straße",
        "averylongnamethatgoesbeyondsixteenbytes", "aaaa",
    ]

    private static func randomUser(_ site: Site, serial: Int, using random: inout SeededGenerator) -> User {
        let cluster = site.cluster(using: &random)
        let name = names[Int.random(in: 0..<names.count, using: &random)] + String(serial)
        // Some identifiers are longer than what is kept in a number, and agree in all that is.
        let account =
            Int.random(in: 0..<10, using: &random) == 0
            ? "usr-Longer00\(Int.random(in: 0..<4, using: &random))" : "usr-\(Int.random(in: 0..<12, using: &random))"
        var user = Fixtures.user(
            name, uid: UInt32(serial + 1), cluster: cluster, account: account,
            role: Role.allCases[Int.random(in: 0..<3, using: &random)],
            createTime: Timestamp(seconds: Int64.random(in: 0..<20, using: &random)))
        if serial % 7 == 0 { user.id = HPCUserID(stored: "hpcuser-longer00\(serial)") }
        user.updateTime = Timestamp(seconds: Int64.random(in: 0..<20, using: &random))
        if serial % 3 == 0 { user.gidNumber = 500 }
        if serial % 4 == 0 { user.password = PasswordHash(stored: "$y$j9T$x$\(serial)") }
        if serial % 5 == 0 { user.attributes = randomAttributes(serial, using: &random) }
        return user
    }

    private static func randomAttributes(_ serial: Int, using random: inout SeededGenerator) -> UserAttributes {
        var attributes = UserAttributes()
        let names = ["Zhang \(serial)", "Élodie Ünal", "Li zhang1"]
        attributes[.fullName] = names.filter { _ in Bool.random(using: &random) }.map { Array($0.utf8) }
        attributes[.mail] = (0..<Int.random(in: 0..<3, using: &random)).map {
            Array("zh\($0).\(serial)@Example.org".utf8)
        }
        return attributes
    }

    private static func randomQuery(_ clusters: [Cluster], using random: inout SeededGenerator) -> UserQuery {
        func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
        var query = UserQuery(
            zone: pick([Fixtures.zone, Fixtures.zone, Zone(stored: "zone2"), Zone(stored: "none")]),
            cluster: pick([nil, nil, pick(clusters).id, ClusterID(stored: "hpc-none")]),
            account: pick([
                nil, nil, nil, AccountID(stored: "usr-\(Int.random(in: 0..<14, using: &random))"),
                AccountID(stored: "usr-Longer001"),
            ]),
            searchWord: pick([nil, pick(words)]), sortKey: pick(UserQuery.SortKey.allCases),
            isReversed: pick([true, false]), offset: pick([0, 0, 1, 7, 50, 1000, 2900, Int.max]),
            limit: pick([0, 1, 10, 100, 1000]))
        if pick([true, false]) {
            query.searchFields = Set(SearchField.allCases.filter { _ in Bool.random(using: &random) })
            query.searchWord = pick([query.searchWord, "élodie", "example", "zh1", "g 1", "@", "12", "1"])
        }
        guard pick([true, false]) else { return query }
        var conditions = UserConditions(now: Timestamp(seconds: 300))
        switch Int.random(in: 0..<7, using: &random) {
        case 0: conditions.username = pick(names) + "\(Int.random(in: 0..<300, using: &random))"
        case 1: conditions.uidNumber = UInt32.random(in: 1..<300, using: &random)
        case 2: conditions.gidNumber = pick([500, 10_000, 7])
        case 3: conditions.role = pick(Role.allCases)
        case 4, 5: conditions.groupName = pick(["staff", "STAFF", "few", "none"])
        default: break
        }
        conditions.state = pick([nil, nil, .active, .locked, .expired])
        conditions.hasPassword = pick([nil, nil, nil, true, false])
        if pick([true, false, false]) {
            var active = UserIDSet()
            for serial in 0..<300 where Bool.random(using: &random) {
                active.insert(HPCUserID(stored: "hpcuser-longer00\(serial)"))
                active.insert(HPCUserID(stored: "hpcuser-\(pick(clusters).id.text.suffix(4))\(serial + 1)"))
            }
            conditions.unused = .init(since: Timestamp(seconds: pick([0, 10, 15, 100])), active: active)
        }
        query.conditions = conditions
        return query
    }

    private static func randomScope(_ clusters: [Cluster], using random: inout SeededGenerator) -> Scope {
        if Bool.random(using: &random) { return .all }
        var extents: [ClusterID: Scope.Visibility] = [:]
        for cluster in clusters {
            switch Int.random(in: 0..<3, using: &random) {
            case 0: extents[cluster.id] = .all
            case 1: extents[cluster.id] = .rows(of: AccountID(stored: "usr-\(Int.random(in: 0..<12, using: &random))"))
            default: break
            }
        }
        return .clusters(extents)
    }

    /// Small clusters, where every branch of scopes and zones is met often.
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func answersAsAPlainScanWould(seed: UInt64) throws {
        let site = Site(
            clusters: ["aaaa", "bbbb", "cccc"].map { Fixtures.cluster($0) }
                + ["dddd", "eeee"].map { Fixtures.cluster($0, zone: Zone(stored: "zone2")) },
            weights: [1, 1, 1, 1, 1])
        try Self.walk(site, users: 120, rounds: 700, changes: 1...4, seed: seed)
    }

    /// Clusters of several blocks, where words are looked for block by block, rows are used again and orders split.
    @Test(arguments: [UInt64(5), 6])
    func answersAsAPlainScanWouldWhenBlocksFillAndEmpty(seed: UInt64) throws {
        let site = Site(
            clusters: ["aaaa", "bbbb", "cccc"].map { Fixtures.cluster($0) } + [
                Fixtures.cluster("dddd", zone: Zone(stored: "zone2"))
            ],
            weights: [8, 3, 1, 1])
        try Self.walk(site, users: 3600, rounds: 150, changes: 1...120, seed: seed)
    }

    /// Changes and questions in turn; the snapshot's answer to each is held against the model's.
    private static func walk(
        _ site: Site, users: Int, rounds: Int, changes: ClosedRange<Int>, seed: UInt64
    ) throws {
        var random = SeededGenerator(seed: seed)
        var model = Model()
        // Before, between and behind those that have users there are clusters that have none, or none yet.
        model.clusters = (site.clusters + ["0000", "bbcc", "zzzz"].map { Fixtures.cluster($0) }).shuffled(
            using: &random)
        var serial = 0
        func newUser() -> User {
            let user = randomUser(site, serial: serial, using: &random)
            serial += 1
            model.users[user.id] = user
            return user
        }
        for _ in 0..<users { _ = newUser() }
        model.groups = site.clusters.flatMap { cluster in
            let people = model.users.values.filter { $0.cluster == cluster.id }.map(\.id).sorted()
            return [
                Group(cluster: cluster.id, name: "staff", gidNumber: 500, isPrimary: true),
                Group(
                    cluster: cluster.id, name: "few", gidNumber: 501, isPrimary: false,
                    members: people.filter { _ in Int.random(in: 0..<9, using: &random) == 0 }),
            ]
        }
        var snapshot = Snapshot(
            DirectoryContents(
                revision: Revision(1), clusters: model.clusters, groups: model.groups, users: Array(model.users.values)),
            prepareKey: { _ in nil })
        // Now more come than go, now more go than come, so that blocks fill and empty.
        for round in 0..<rounds {
            if round % 3 == 0 {
                let leaving = round / 60 % 2 == 1 ? 3 : 1
                var delta = Delta(from: snapshot.revision, to: snapshot.revision.next)
                var touched: Set<HPCUserID> = []
                let known = model.users.keys.sorted()
                for _ in 0..<Int.random(in: changes, using: &random) {
                    let old = known.randomElement(using: &random).flatMap { model.users[$0] }
                    switch (Int.random(in: 0..<(3 + leaving), using: &random), old) {
                    case (3..., .some(let old)) where touched.insert(old.id).inserted:
                        model.users[old.id] = nil
                        delta.removedUsers.append(.init(id: old.id, cluster: old.cluster))
                    case (0...1, .some(var old)) where touched.insert(old.id).inserted:
                        change(&old, round: round, using: &random)
                        model.users[old.id] = old
                        delta.users.append(old)
                    default: delta.users.append(newUser())
                    }
                }
                if round % 45 == 0 { delta.clusters = [changeCluster(&model, serial: round, using: &random)] }
                snapshot = snapshot.applying(delta, prepareKey: { _ in nil })
                // A server that starts now, whatever order its store hands the rows over in, answers on from here.
                if round % 75 == 0 {
                    snapshot = Snapshot(
                        DirectoryContents(
                            revision: snapshot.revision, clusters: model.clusters.shuffled(using: &random),
                            groups: model.groups,
                            users: model.users.values.sorted { $0.id < $1.id }.shuffled(using: &random)),
                        prepareKey: { _ in nil })
                }
                checkPoints(snapshot, model, using: &random)
            }
            let query = randomQuery(model.clusters, using: &random)
            let scope = randomScope(model.clusters, using: &random)
            let expected = model.page(query, scope: scope)
            let answer = try? snapshot.page(query, scope: scope)
            #expect(answer?.totalCount == expected?.totalCount, "seed \(seed) round \(round): \(query)")
            #expect(answer?.users == expected?.users, "seed \(seed) round \(round): \(query)")
        }
    }

    /// A cluster that comes without users, or moves to another zone with all of them.
    private static func changeCluster(
        _ model: inout Model, serial: Int, using random: inout SeededGenerator
    ) -> Cluster {
        let place = Int.random(in: 0...model.clusters.count, using: &random)
        if place == model.clusters.count || serial % 2 == 0 {
            model.clusters.insert(Fixtures.cluster("new\(serial)"), at: place)
        } else {
            model.clusters[place].zone = Zone(stored: model.clusters[place].zone == Fixtures.zone ? "zone2" : "zone1")
        }
        return model.clusters[place]
    }

    private static func change(_ user: inout User, round: Int, using random: inout SeededGenerator) {
        switch Int.random(in: 0..<9, using: &random) {
        case 8: user.attributes = randomAttributes(round, using: &random)
        case 0: user.username = Username(stored: "Renamed\(round)-\(user.uidNumber)")
        case 1: user.createTime = Timestamp(seconds: Int64.random(in: 0..<20, using: &random))
        case 2: user.account = AccountID(stored: "usr-\(Int.random(in: 0..<12, using: &random))")
        case 3: user.expires = Bool.random(using: &random) ? Timestamp(seconds: Int64(round)) : nil
        case 4: user.password = Bool.random(using: &random) ? PasswordHash(stored: "$y$\(round)") : nil
        case 5: user.gecos = "No. \(round)"
        case 6: user.homeDirectory = "/elsewhere/\(round)"
        default: user.state = user.state == .active ? .locked : .active
        }
        user.updateTime = Timestamp(seconds: Int64.random(in: 0..<20, using: &random))
        user.revision = Revision(Int64(round))
    }

    /// What is found by a key, and what is there no more.
    private static func checkPoints(_ snapshot: Snapshot, _ model: Model, using random: inout SeededGenerator) {
        #expect(snapshot.userCount == model.users.count)
        for number in 0..<12 {
            let account = AccountID(stored: "usr-\(number)")
            let expected = model.users.values.filter { $0.account == account }.map(\.id).sorted()
            #expect(snapshot.rows(of: account).map(\.id).sorted() == expected)
        }
        for cluster in model.clusters {
            #expect(
                snapshot.userCount(of: cluster.id) == model.users.values.count { $0.cluster == cluster.id })
        }
        for user in model.users.values.shuffled(using: &random).prefix(20) {
            #expect(snapshot.user(user.id, in: user.cluster) == user)
            #expect(
                snapshot.user(named: user.username.text.uppercased(), in: user.cluster)?.id == user.id
                    || user.username.text.utf8.contains { $0 >= 0x80 })
            #expect(snapshot.user(named: user.username.text, in: user.cluster)?.id == user.id)
            #expect(snapshot.user(named: user.username.text + "x", in: user.cluster) == nil)
        }
    }

    @Test func unknownAndHiddenClustersAnswerAlike() {
        let (mine, hidden) = (Fixtures.cluster("mine"), Fixtures.cluster("hidden"))
        let snapshot = Snapshot(
            DirectoryContents(revision: Revision(1), clusters: [mine, hidden]), prepareKey: { _ in nil })
        let scope = Scope.clusters([mine.id: .all])
        func message(_ id: ClusterID) -> String? {
            let error = #expect(throws: RosterError.self) {
                try snapshot.page(UserQuery(zone: Fixtures.zone, cluster: id), scope: scope)
            }
            return error?.message.replacing(id.text, with: "ID")
        }
        #expect(message(hidden.id) == message(ClusterID(stored: "hpc-none")))
    }

    @Test func anOldSnapshotIsNotTouchedByANewOne() throws {
        let cluster = Fixtures.cluster()
        let first = Snapshot(
            DirectoryContents(revision: Revision(1), clusters: [cluster], users: [Fixtures.user("a", uid: 1)]),
            prepareKey: { _ in nil })
        var delta = Delta(from: Revision(1), to: Revision(2))
        delta.users = [Fixtures.user("b", uid: 2)]
        delta.removedUsers = [.init(id: Fixtures.user("a", uid: 1).id, cluster: cluster.id)]
        let second = first.applying(delta, prepareKey: { _ in nil })
        let query = UserQuery(zone: Fixtures.zone)
        #expect(try first.page(query, scope: .all).users.map(\.username.text) == ["a"])
        #expect(try second.page(query, scope: .all).users.map(\.username.text) == ["b"])
        #expect(second.revision == Revision(2))
    }

    @Test func aClusterThatMovesLeavesItsZone() throws {
        let cluster = Fixtures.cluster()
        let first = Snapshot(DirectoryContents(revision: Revision(1), clusters: [cluster]), prepareKey: { _ in nil })
        var delta = Delta(from: Revision(1), to: Revision(2))
        delta.clusters = [Fixtures.cluster(zone: Zone(stored: "zone2"))]
        let second = first.applying(delta, prepareKey: { _ in nil })
        #expect(throws: RosterError.self) { try second.page(UserQuery(zone: Fixtures.zone), scope: .all) }
        #expect(try second.page(UserQuery(zone: Zone(stored: "zone2")), scope: .all).totalCount == 0)
    }
}
