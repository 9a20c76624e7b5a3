import Roster
import RosterTesting
import Testing

/// The snapshot's answers against a plain scan of all users with `Filter.matches`.
@Suite struct SnapshotTests {
    /// The directory as a list, and the plainest possible answer from it.
    private struct Model {
        var clusters: [Cluster] = []
        var users: [HPCUserID: User] = [:]

        func page(_ query: UserQuery, scope: Scope) -> (totalCount: Int, users: [User])? {
            let inZone = clusters.filter { $0.zone == query.zone }
            guard !inZone.isEmpty else { return nil }
            if let id = query.cluster {
                guard inZone.contains(where: { $0.id == id }), scope.extent(in: id) != nil else { return nil }
            }
            let zoneIDs = Set(inZone.map(\.id))
            let found = users.values.filter { user in
                guard zoneIDs.contains(user.cluster), query.filter.matches(user) == .yes else { return false }
                switch scope.extent(in: user.cluster) {
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

    private static let words = ["", "a", "ZH", "an", "_", "%", "é", "É", "usr-", "li0", "nobody", "张"]
    private static let names = ["zhang", "Li", "wang_", "usr-Ab", "100%", "é", "É", "a*b", "张三", "an"]

    private static func randomUser(_ clusters: [Cluster], serial: Int, using random: inout SeededGenerator) -> User {
        let cluster = clusters[Int.random(in: 0..<clusters.count, using: &random)]
        let name = names[Int.random(in: 0..<names.count, using: &random)] + String(serial % 97)
        var user = MadeUp.user(
            name, uid: UInt32(serial + 1), cluster: cluster, account: "usr-\(Int.random(in: 0..<12, using: &random))",
            role: Role.allCases[Int.random(in: 0..<3, using: &random)],
            createTime: Timestamp(seconds: Int64.random(in: 0..<20, using: &random)))
        user.updateTime = Timestamp(seconds: Int64.random(in: 0..<20, using: &random))
        return user
    }

    private static func randomQuery(_ clusters: [Cluster], using random: inout SeededGenerator) -> UserQuery {
        func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
        return UserQuery(
            zone: pick([MadeUp.zone, MadeUp.zone, Zone(stored: "zone2"), Zone(stored: "none")]),
            cluster: pick([nil, nil, pick(clusters).id, ClusterID(stored: "hpc-none")]),
            account: pick([nil, nil, AccountID(stored: "usr-\(Int.random(in: 0..<14, using: &random))")]),
            searchWord: pick([nil, pick(words)]), sortKey: pick(UserQuery.SortKey.allCases),
            isReversed: pick([true, false]), offset: pick([0, 0, 1, 7, 50, 1000, Int.max]),
            limit: pick([0, 1, 10, 100, 1000]))
    }

    private static func randomScope(_ clusters: [Cluster], using random: inout SeededGenerator) -> Scope {
        if Bool.random(using: &random) { return .everything }
        var extents: [ClusterID: Scope.Extent] = [:]
        for cluster in clusters {
            switch Int.random(in: 0..<3, using: &random) {
            case 0: extents[cluster.id] = .all
            case 1: extents[cluster.id] = .rows(of: AccountID(stored: "usr-\(Int.random(in: 0..<12, using: &random))"))
            default: break
            }
        }
        return .clusters(extents)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func answersAsAPlainScanWould(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var model = Model()
        model.clusters = ["aaaa", "bbbb", "cccc"].map { MadeUp.cluster($0) }
        model.clusters += ["dddd", "eeee"].map { MadeUp.cluster($0, zone: Zone(stored: "zone2")) }
        var serial = 0
        for _ in 0..<120 {
            let user = Self.randomUser(model.clusters, serial: serial, using: &random)
            model.users[user.id] = user
            serial += 1
        }
        var snapshot = Snapshot(
            DirectoryImage(revision: Revision(1), clusters: model.clusters, users: Array(model.users.values)),
            prepareKey: { _ in nil })
        for round in 0..<500 {
            if round % 3 == 0 {
                var delta = Delta(from: snapshot.revision, to: snapshot.revision.next)
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let old = model.users.values.sorted { $0.id < $1.id }.randomElement(using: &random)
                    switch (Int.random(in: 0..<3, using: &random), old) {
                    case (0, .some(let old)) where !delta.users.contains(where: { $0.id == old.id }):
                        model.users[old.id] = nil
                        delta.removedUsers.append(.init(id: old.id, cluster: old.cluster))
                    case (1, .some(var old)) where !delta.users.contains(where: { $0.id == old.id }):
                        old.username = Username(stored: "Renamed\(round)")
                        old.createTime = Timestamp(seconds: Int64.random(in: 0..<20, using: &random))
                        old.account = AccountID(stored: "usr-\(Int.random(in: 0..<12, using: &random))")
                        model.users[old.id] = old
                        delta.users.append(old)
                    default:
                        let user = Self.randomUser(model.clusters, serial: serial, using: &random)
                        serial += 1
                        model.users[user.id] = user
                        delta.users.append(user)
                    }
                }
                snapshot = snapshot.applying(delta, prepareKey: { _ in nil })
                #expect(snapshot.userCount == model.users.count)
                for number in 0..<12 {
                    let account = AccountID(stored: "usr-\(number)")
                    let expected = model.users.values.filter { $0.account == account }.map(\.id).sorted()
                    #expect(snapshot.rows(of: account).map(\.id).sorted() == expected)
                }
            }
            let query = Self.randomQuery(model.clusters, using: &random)
            let scope = Self.randomScope(model.clusters, using: &random)
            let expected = model.page(query, scope: scope)
            let answer = try? snapshot.page(query, scope: scope)
            #expect(answer?.totalCount == expected?.totalCount, "seed \(seed) round \(round): \(query)")
            #expect(answer?.users == expected?.users, "seed \(seed) round \(round): \(query)")
        }
    }

    @Test func unknownAndHiddenClustersAnswerAlike() {
        let (mine, hidden) = (MadeUp.cluster("mine"), MadeUp.cluster("hidden"))
        let snapshot = Snapshot(
            DirectoryImage(revision: Revision(1), clusters: [mine, hidden]), prepareKey: { _ in nil })
        let scope = Scope.clusters([mine.id: .all])
        func message(_ id: ClusterID) -> String? {
            let error = #expect(throws: RosterError.self) {
                try snapshot.page(UserQuery(zone: MadeUp.zone, cluster: id), scope: scope)
            }
            return error?.message.replacing(id.text, with: "ID")
        }
        #expect(message(hidden.id) == message(ClusterID(stored: "hpc-none")))
    }

    @Test func anOldSnapshotIsNotTouchedByANewOne() throws {
        let cluster = MadeUp.cluster()
        let first = Snapshot(
            DirectoryImage(revision: Revision(1), clusters: [cluster], users: [MadeUp.user("a", uid: 1)]),
            prepareKey: { _ in nil })
        var delta = Delta(from: Revision(1), to: Revision(2))
        delta.users = [MadeUp.user("b", uid: 2)]
        delta.removedUsers = [.init(id: MadeUp.user("a", uid: 1).id, cluster: cluster.id)]
        let second = first.applying(delta, prepareKey: { _ in nil })
        let query = UserQuery(zone: MadeUp.zone)
        #expect(try first.page(query, scope: .everything).users.map(\.username.text) == ["a"])
        #expect(try second.page(query, scope: .everything).users.map(\.username.text) == ["b"])
        #expect(second.revision == Revision(2))
    }

    @Test func aClusterThatMovesLeavesItsZone() throws {
        let cluster = MadeUp.cluster()
        let first = Snapshot(DirectoryImage(revision: Revision(1), clusters: [cluster]), prepareKey: { _ in nil })
        var delta = Delta(from: Revision(1), to: Revision(2))
        delta.clusters = [MadeUp.cluster(zone: Zone(stored: "zone2"))]
        let second = first.applying(delta, prepareKey: { _ in nil })
        #expect(throws: RosterError.self) { try second.page(UserQuery(zone: MadeUp.zone), scope: .everything) }
        #expect(try second.page(UserQuery(zone: Zone(stored: "zone2")), scope: .everything).totalCount == 0)
    }
}
