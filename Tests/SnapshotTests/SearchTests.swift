import RosterModel
import RosterSnapshot
import RosterTesting
import Testing

/// Searches through the index against a plain scan of all users with `Filter.matches`.
@Suite struct SearchTests {
    private static let words = ["", "a", "ZH", "an", "_", "%", "é", "É", "li0", "nobody", "张", "k", "Zhang7"]
    private static let names = ["zhang", "Li", "wang_", "100%", "é", "É", "a*b", "张三", "an", "Kelvin"]

    private static func randomUser(
        _ clusters: [Cluster], serial: Int, using random: inout SeededGenerator
    ) -> User {
        let name = names.randomElement(using: &random)! + (Bool.random(using: &random) ? "\(serial)" : "_\(serial)")
        var user = Fixtures.user(
            name, uid: UInt32(1000 + serial), cluster: clusters.randomElement(using: &random)!,
            account: "usr-\(Int.random(in: 0..<12, using: &random))")
        if Bool.random(using: &random) {
            user.gecos = ["Zhang  San", "zhang san", "é", "x"].randomElement(using: &random)!
        }
        if Bool.random(using: &random) { user.state = .locked }
        if serial % 4 == 0 {
            user.attributes[.fullName] = [
                Array(["Zhang  San", "Élodie Ünal", "é"].randomElement(using: &random)!.utf8)
            ]
            user.attributes[.mail] = [Array("zhang\(serial)@Example.org".utf8), Array("li@example.org".utf8)]
        }
        if Bool.random(using: &random) {
            user.expires = Timestamp(seconds: Int64.random(in: 0..<10, using: &random) * 86_400)
        }
        if Bool.random(using: &random) {
            user.passwordTime = Timestamp(seconds: Int64.random(in: 0..<9, using: &random))
        }
        return user
    }

    private static func randomFilter(
        _ users: [User], depth: Int, using random: inout SeededGenerator
    ) -> Filter {
        func pick<Value>(_ values: [Value]) -> Value { values.randomElement(using: &random)! }
        let user = pick(users)
        let word = pick([pick(words), user.username.text, user.username.text.uppercased(), user.id.text, user.gecos])
        let leaf: [Filter] = [
            .equals(.username, pick([word, user.username.text])), .number(.uidNumber, .equal, user.uidNumber),
            .equals(.hpcUserID, pick([user.id.text, word])),
            .number(pick(Filter.NumberAttribute.allCases), pick(Filter.Comparison.allCases), user.uidNumber),
            .substring(
                pick([.username, .gecos]),
                .init(
                    start: pick([nil, pick(words)]), parts: pick([[], [pick(words)]]), end: pick([nil, pick(words)]))),
            .substring(.username, .init(parts: [pick(words)])), .constant(pick([.yes, .no, .undefined])),
            .equals(pick(Filter.Attribute.allCases), word), .present(pick(Filter.Attribute.allCases)),
            .equalsByRule(.username, word, ignoresCase: pick([true, false])), .isLocked,
            .hasTime(pick(Filter.TimeAttribute.allCases)),
            .time(
                pick(Filter.TimeAttribute.allCases), pick(Filter.Comparison.allCases),
                pick([user.expires, user.passwordTime, user.createTime].compactMap { $0 })),
            .equals(.cluster, user.cluster.text),
            .attribute(
                pick([.mail, .fullName, .title]),
                pick([
                    .present,
                    .equals(
                        pick(["zhang san", "ÉLODIE ünal", "li@EXAMPLE.org", " ", word]),
                        TextComparison(ignoresCase: pick([true, false]), ignoresSpaces: pick([true, false]))),
                    .substring(
                        .init(
                            start: pick([nil, "zh"]), parts: pick([[], ["g1"], ["ün", "a"]]), end: pick([nil, "org"]))),
                ])),
            .isMember(of: pick([nil, Group.Key(cluster: user.cluster, gidNumber: pick([1, 2, 3, 4]))])),
        ]
        guard depth > 0 else { return pick(leaf) }
        let parts = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            randomFilter(users, depth: depth - 1, using: &random)
        }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return .allOf(parts)
        case 1: return .anyOf(parts)
        case 2: return .negation(of: parts.first ?? pick(leaf))
        case 3: return .all(parts)
        case 4: return .any(parts)
        default: return pick(leaf)
        }
    }

    /// A user and the groups that list it.
    private struct Member: FilterSubject {
        let user: User
        let groups: Set<Group.Key>

        func isMember(of group: Group.Key?) -> Bool { group.map(groups.contains) ?? !groups.isEmpty }
        func withText(of attribute: Filter.Attribute, _ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
            user.withText(of: attribute, body)
        }
        func withAttributes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
            user.withAttributes(body)
        }
        var uidNumber: UInt32 { user.uidNumber }
        var gidNumber: UInt32 { user.gidNumber }
        var createTime: Timestamp { user.createTime }
        var updateTime: Timestamp { user.updateTime }
        var passwordTime: Timestamp? { user.passwordTime }
        var expires: Timestamp? { user.expires }
        var state: User.State { user.state }
    }

    @Test(arguments: [UInt64(11), 12, 13, 14])
    func findsWhatAPlainScanFinds(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let clusters = ["aaaa", "bbbb", "cccc"].map { Fixtures.cluster($0) }
        let all = (clusters + ["0000", "bbcc", "zzzz"].map { Fixtures.cluster($0) }).shuffled(using: &random)
        var users = (0..<800).map { Self.randomUser(clusters, serial: $0, using: &random) }
        let groups = clusters.flatMap { cluster in
            (UInt32(1)...3).map { gid in
                Group(
                    cluster: cluster.id, name: "g\(gid)", gidNumber: gid, isPrimary: false,
                    members: users.filter { $0.cluster == cluster.id && Int.random(in: 0..<5, using: &random) == 0 }
                        .map(\.id))
            }
        }
        var groupsOfUser: [HPCUserID: Set<Group.Key>] = [:]
        for group in groups { for id in group.members { groupsOfUser[id, default: []].insert(group.key) } }
        var snapshot = Snapshot(
            DirectoryContents(revision: Revision(1), clusters: all, groups: groups, users: users),
            prepareKey: { _ in nil })
        for round in 0..<250 {
            if round % 20 == 0 {
                var delta = Delta(from: snapshot.revision, to: snapshot.revision.next)
                let removed = users.remove(at: Int.random(in: 0..<users.count, using: &random))
                delta.removedUsers.append(.init(id: removed.id, cluster: removed.cluster))
                let added = Self.randomUser(clusters, serial: 2000 + round, using: &random)
                users.append(added)
                let place = Int.random(in: 0..<users.count, using: &random)
                users[place].username = Username(stored: "Renamed\(round)")
                delta.users += place == users.count - 1 ? [users[place]] : [added, users[place]]
                snapshot = snapshot.applying(delta, prepareKey: { _ in nil })
            }
            let filter = Self.randomFilter(users, depth: 3, using: &random)
            let cluster = all.randomElement(using: &random)!.id
            let account = AccountID(stored: "usr-\(Int.random(in: 0..<12, using: &random))")
            let visibility: Scope.Visibility = round % 4 == 0 ? .rows(of: account) : .all
            let expected = users.filter { user in
                user.cluster == cluster && (visibility == .all || user.account == account)
                    && filter.matches(Member(user: user, groups: groupsOfUser[user.id] ?? [])) == .yes
            }
            var search = snapshot.search(filter, in: cluster, visibility: visibility)
            let rows = search.all()
            let found = rows.map(\.user)
            #expect(
                found.map(\.id).sorted() == expected.map(\.id).sorted(), "seed \(seed) round \(round): \(filter)")
            // A row where it lies says what its copy says.
            for row in rows.prefix(3) { #expect(filter.matches(row) == .yes) }
        }
    }

    @Test func pausesWhenItsBudgetIsSpentAndGoesOn() {
        let cluster = Fixtures.cluster()
        let users = (0..<100).map { Fixtures.user("u\($0)", uid: UInt32(1000 + $0), cluster: cluster) }
        let snapshot = Snapshot(
            DirectoryContents(revision: Revision(1), clusters: [cluster], users: users), prepareKey: { _ in nil })
        var search = snapshot.search(.constant(.yes), in: cluster.id, visibility: .all)
        var found = 0
        var turns = 0
        while true {
            var budget = 7
            while search.next(budget: &budget) != nil { found += 1 }
            turns += 1
            if budget > 0 { break }
        }
        #expect(found == 100)
        #expect(turns == 15)
    }

    @Test func findsNobodyInAnUnknownCluster() {
        var search = Snapshot.empty.search(.constant(.yes), in: ClusterID(stored: "hpc-none"), visibility: .all)
        #expect(search.all().isEmpty)
    }

    @Test func spacesCountForNothingInWords() {
        var user = Fixtures.user("a b", uid: 1000)
        user.gecos = " Zhang  San"
        #expect(Filter.equals(.gecos, "zhang san ").matches(user) == .yes)
        #expect(Filter.equals(.gecos, "zhangsan").matches(user) == .no)
        #expect(Filter.equals(.username, "a  b").matches(user) == .no)
    }

    @Test(arguments: [Truth.yes, .no, .undefined], [Truth.yes, .no, .undefined])
    func combiningSettlesWhatIsKnown(left: Truth, right: Truth) {
        let user = Fixtures.user("a", uid: 1000)
        let parts = [Filter.constant(left), .constant(right)]
        #expect(Filter.allOf(parts).constant == Filter.all(parts).matches(user))
        #expect(Filter.anyOf(parts).constant == Filter.any(parts).matches(user))
        let open = [Filter.constant(left), .isLocked]
        #expect(Filter.allOf(open).matches(user) == Filter.all(open).matches(user))
        #expect(Filter.anyOf(open).matches(user) == Filter.any(open).matches(user))
    }
}
