import RosterModel
import RosterStore
import RosterTesting
import Testing

/// What every store must do with groups; run against each of them.
@Suite(.timeLimit(.minutes(5))) struct GroupContractTests {
    private let cluster = Fixtures.cluster()
    private let zhang = Fixtures.user("zhang", uid: 1)
    private let li = Fixtures.user("li", uid: 2)

    private func added(_ name: String, _ gid: UInt32? = nil, in range: ClosedRange<UInt32> = 10...15) -> Change {
        var change = Fixtures.change()
        change.addedGroups = [
            .init(
                group: Group(cluster: cluster.id, name: name, gidNumber: gid ?? 0, isPrimary: false),
                range: gid == nil ? range : nil)
        ]
        return change
    }

    private func removal(_ gid: UInt32) -> Change {
        var change = Fixtures.change()
        change.removedGroups = [.init(cluster: cluster.id, gidNumber: gid)]
        return change
    }

    private func group(_ name: String, _ gid: UInt32, _ members: [User] = []) -> Group {
        Group(
            cluster: cluster.id, name: name, gidNumber: gid, isPrimary: false,
            members: members.map(\.id).sorted())
    }

    private func upsert(_ groups: [Group]) -> Change {
        var change = Fixtures.change()
        change.groups = groups
        return change
    }

    private func groups(_ store: any DirectoryStore) async throws -> [Group] {
        try await store.load { _ in }.groups.sorted { $0.gidNumber < $1.gidNumber }
    }

    @Test(arguments: Kind.allCases)
    func givesTheNextGIDAndNeverOneAgain(kind: Kind) async throws {
        try await withStore(kind) { store in
            var first = Fixtures.change([cluster], [zhang])
            first.groups = [Group(cluster: cluster.id, name: "own", gidNumber: 12, isPrimary: true)]
            _ = try await store.commit(first)
            for name in ["a", "b", "c"] { _ = try await store.commit(added(name)) }
            #expect(try await groups(store).map(\.gidNumber) == [12, 13, 14, 15])
            _ = try await store.commit(removal(14))
            for name in ["d", "e"] { _ = try await store.commit(added(name)) }
            #expect(try await groups(store).map(\.gidNumber) == [10, 11, 12, 13, 15])
            await #expect(throws: StoreError.noNumberLeft(in: 10...15, kind: .gid, of: cluster.id)) {
                try await store.commit(added("f"))
            }
            // Uids are numbers of their own.
            var user = Fixtures.user("new", uid: 0)
            user.id = .make()
            var change = Fixtures.change()
            change.unnumberedUsers = [.init(user: user, range: 10...15)]
            _ = try await store.commit(change)
            #expect(try await store.load { _ in }.users.contains { $0.uidNumber == 10 })
        }
    }

    @Test(arguments: Kind.allCases)
    func anAskedGIDMustNeverHaveBeenGiven(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster], [zhang]))
            _ = try await store.commit(added("physics", 20))
            let taken = await #expect(throws: StoreError.self) { try await store.commit(added("other", 20)) }
            #expect(taken == .numberTaken(20, kind: .gid, holder: "physics", from: Fixtures.time, until: nil))
            var gone = removal(20)
            gone.time = Timestamp(seconds: Fixtures.time.seconds + 60)
            _ = try await store.commit(gone)
            let retired = await #expect(throws: StoreError.self) { try await store.commit(added("other", 20)) }
            #expect(retired == .numberTaken(20, kind: .gid, holder: "physics", from: Fixtures.time, until: gone.time))
            // Users have this one.
            let users = await #expect(throws: StoreError.self) { try await store.commit(added("other", 10_000)) }
            #expect(users == .numberTaken(10_000, kind: .gid, holder: "zhang", from: Fixtures.time, until: nil))
            await #expect(throws: StoreError.noSuchCluster(ClusterID(stored: "hpc-none"))) {
                var change = Fixtures.change()
                let group = Group(
                    cluster: ClusterID(stored: "hpc-none"), name: "a", gidNumber: 1, isPrimary: false)
                change.addedGroups = [.init(group: group, range: nil)]
                _ = try await store.commit(change)
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func groupNamesAreUniqueInAClusterWithoutCase(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster]))
            _ = try await store.commit(added("physics"))
            await #expect(throws: StoreError.groupTaken("Physics", in: cluster.id)) {
                try await store.commit(added("Physics"))
            }
            // The gid of what was refused is free.
            _ = try await store.commit(added("chemistry"))
            #expect(try await groups(store).map(\.gidNumber) == [10, 11])
            // The name of a removed group is free, its gid is not.
            _ = try await store.commit(removal(10))
            _ = try await store.commit(added("PHYSICS"))
            #expect(try await groups(store).map(\.name) == ["chemistry", "PHYSICS"])
            #expect(try await groups(store).map(\.gidNumber) == [11, 12])
        }
    }

    @Test(arguments: Kind.allCases)
    func aNameThatIsReleasedIsFreeInTheSameChange(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster], [zhang, li]))
            _ = try await store.commit(upsert([group("a", 20), group("b", 21)]))
            // One group gives its name to the next one.
            _ = try await store.commit(upsert([group("c", 20), group("a", 21)]))
            #expect(try await groups(store).map(\.name) == ["c", "a"])
            // So does a user.
            var (first, second) = (zhang, li)
            first.username = Username(stored: "wang")
            second.username = zhang.username
            _ = try await store.commit(Fixtures.change([], [first, second]))
            let users = try await store.load { _ in }.users.sorted { $0.uidNumber < $1.uidNumber }
            #expect(users.map(\.username.text) == ["wang", "zhang"])
            // A name that is released too late is taken still.
            await #expect(throws: StoreError.groupTaken("c", in: cluster.id)) {
                try await store.commit(upsert([group("c", 21), group("b", 20)]))
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func aGroupNeedsItsCluster(kind: Kind) async throws {
        try await withStore(kind) { store in
            await #expect(throws: StoreError.noSuchCluster(cluster.id)) {
                try await store.commit(upsert([group("a", 20)]))
            }
            let contents = try await store.load { _ in }
            #expect(contents.revision == .none)
        }
    }

    @Test(arguments: Kind.allCases)
    func membersComeAndGo(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster], [zhang, li]))
            _ = try await store.commit(upsert([group("a", 20, [zhang, li]), group("b", 21, [zhang])]))
            _ = try await store.commit(upsert([group("a", 20, [li])]))
            #expect(try await groups(store).map(\.members) == [[li.id], [zhang.id]])
            let before = try await store.load { _ in }.revision
            // Who is removed leaves its groups, and they change.
            _ = try await store.commit(Fixtures.change(removing: [zhang.id]))
            #expect(try await groups(store).map(\.members) == [[li.id], []])
            let delta = try #require(try await store.changes(since: before))
            #expect(delta.groups.map(\.name) == ["b"])
            #expect(delta.removedGroups.isEmpty)
        }
    }

    @Test(arguments: Kind.allCases)
    func aRemovedGroupLeavesATombstone(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster], [zhang]))
            let before = try await store.commit(upsert([group("a", 20, [zhang])]))
            let after = try await store.commit(removal(20))
            #expect(try await groups(store).isEmpty)
            let delta = try #require(try await store.changes(since: before))
            #expect(delta.groups.isEmpty)
            #expect(delta.removedGroups == [.init(cluster: cluster.id, gidNumber: 20)])
            #expect(try await store.changes(since: after)?.removedGroups.isEmpty == true)
            let basis = try await store.importBasis(for: [cluster.id], ids: [])
            #expect(basis.groups.isEmpty)
            #expect(basis.removedGroups.map(\.name) == ["a"])
            // Removing it again touches nothing.
            _ = try await store.commit(removal(20))
            #expect(try await store.changes(since: after)?.removedGroups.isEmpty == true)
            // It comes back where it is put by its gid, without the members it had.
            _ = try await store.commit(upsert([group("a", 20)]))
            #expect(try await groups(store).map(\.members) == [[]])
            #expect(try await store.changes(since: before)?.removedGroups.isEmpty == true)
            #expect(try await store.ledger(of: cluster.id).first { $0.number == 20 }?.until == nil)
        }
    }

    @Test(arguments: Kind.allCases)
    func anExpectedGroupMustBeThereUntouched(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster], [zhang]))
            let plannedAt = try await store.commit(upsert([group("a", 20, [zhang]), group("b", 21)]))
            func commit(expecting gid: UInt32) async throws {
                var change = upsert([group("c", 22)])
                change.preconditions = Preconditions(at: plannedAt)
                change.preconditions?.groups = [.init(cluster: cluster.id, gidNumber: gid)]
                _ = try await store.commit(change)
            }
            try await commit(expecting: 20)
            // A member that is removed touches its groups.
            _ = try await store.commit(Fixtures.change(removing: [zhang.id]))
            await #expect(throws: StoreError.outdated) { try await commit(expecting: 20) }
            try await commit(expecting: 21)
            _ = try await store.commit(removal(21))
            await #expect(throws: StoreError.outdated) { try await commit(expecting: 21) }
            await #expect(throws: StoreError.outdated) { try await commit(expecting: 23) }
        }
    }

    @Test(arguments: Kind.allCases)
    func concurrentAdditionsGetDifferentGIDs(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster]))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for number in 0..<40 {
                    tasks.addTask { _ = try await store.commit(added("g\(number)", in: 100...1000)) }
                }
                try await tasks.waitForAll()
            }
            #expect(try await groups(store).map(\.gidNumber) == Array(100..<140))
        }
    }

    @Test(arguments: Kind.allCases)
    func theLedgerCallsAGIDAfterItsGroup(kind: Kind) async throws {
        try await withStore(kind) { store in
            var change = Fixtures.change([cluster], [zhang])
            change.groups = [Group(cluster: cluster.id, name: "s0723", gidNumber: 10_000, isPrimary: true)]
            _ = try await store.commit(change)
            #expect(try await store.ledger(of: cluster.id).first { $0.kind == .gid }?.name == "s0723")
        }
    }
}
