import Foundation
import RosterCredentials
import RosterModel
import RosterSQLite
import RosterStore
import RosterTesting
import Testing

/// The stores that the contract is run against.
enum Kind: String, CaseIterable, Sendable {
    case memory
    case sqlite
    case postgres
}

/// Runs `body` with an empty store of `kind`, and takes it away afterwards.
func withStore(_ kind: Kind, _ body: (any DirectoryStore) async throws -> Void) async throws {
    switch kind {
    case .memory: try await body(MemoryStore(chaining: TemporarySQLite.key))
    case .sqlite: try await TemporarySQLite.use { try await body($0) }
    case .postgres: try await TemporaryPostgres.use { try await body($0) }
    }
}

/// What every store must do; run against each of them.
@Suite(.timeLimit(.minutes(5))) struct StoreContractTests {
    private let cluster = Fixtures.cluster()

    @Test(arguments: Kind.allCases)
    func isEmptyAtFirst(kind: Kind) async throws {
        try await withStore(kind) { store in
            let contents = try await store.load { _ in }
            #expect(contents.revision == .none)
            #expect(contents.users.isEmpty && contents.clusters.isEmpty && contents.keys.isEmpty)
            #expect(try await store.changes(since: .none)?.to == Revision.none)
        }
    }

    @Test(arguments: Kind.allCases)
    func givesBackWhatWasCommitted(kind: Kind) async throws {
        try await withStore(kind) { store in
            var user = Fixtures.user("张_%é", uid: 4_294_967_294)
            user.mode = FileMode(bits: 0o2750)
            user.state = .locked
            user.expires = Timestamp(seconds: 4_000_000_000)
            user.password = PasswordHash(stored: "$y$j9T$x$y")
            user.passwordTime = Fixtures.time
            user.gecos = "Zhang, \"San\"; 1'"
            var full = cluster
            full.description = "a cluster"
            full.uidRange = 1...4_294_967_294
            var change = Fixtures.change([full], [user, Fixtures.user("b", uid: 2)])
            change.groups = [
                Group(cluster: cluster.id, name: "s0723", gidNumber: 10_000, isPrimary: true, members: [user.id])
            ]
            change.keys = [
                key("AAAAAAAAAAAAAAAAAAAA", .operator(user.account)),
                key("BBBBBBBBBBBBBBBBBBBB", .account(user.account)),
                key("CCCCCCCCCCCCCCCCCCCC", .reader(cluster.id)), key("DDDDDDDDDDDDDDDDDDDD", .reader(nil)),
            ]
            let revision = try await store.commit(change)
            #expect(revision == Revision(1))
            let contents = try await store.load { _ in }
            user.revision = revision
            full.revision = revision
            #expect(contents.revision == revision)
            #expect(contents.users.first { $0.id == user.id } == user)
            #expect(contents.clusters == [full])
            #expect(contents.groups.first?.members == [user.id])
            #expect(contents.groups.first?.revision == revision)
            #expect(try await store.accessKeys().map(\.principal) == change.keys.map(\.principal))
            #expect(try await store.accessKeys().map(\.secret) == change.keys.map(\.secret))
        }
    }

    private func key(_ id: String, _ principal: Principal) -> AccessKey {
        AccessKey(
            id: AccessKeyID(stored: id), principal: principal, secret: SealedSecret(keyVersion: 3, bytes: [0, 255, 7]),
            createTime: Fixtures.time)
    }

    @Test(arguments: Kind.allCases)
    func revisionsHaveNoGapsAndFailuresTakeNone(kind: Kind) async throws {
        try await withStore(kind) { store in
            #expect(try await store.commit(Fixtures.change([cluster])) == Revision(1))
            await #expect(throws: StoreError.outdated) {
                try await store.commit(Fixtures.change([], [Fixtures.user("a", uid: 1)]), ifNewest: Revision.none)
            }
            #expect(
                try await store.commit(Fixtures.change([], [Fixtures.user("a", uid: 1)]), ifNewest: Revision(1))
                    == Revision(2))
            await #expect(throws: StoreError.self) {
                try await store.commit(Fixtures.change([], [Fixtures.user("b", uid: 2), Fixtures.user("A", uid: 3)]))
            }
            let contents = try await store.load { _ in }
            #expect(contents.revision == Revision(2))
            // Nothing of the failed change is there, its ledger entries neither.
            #expect(contents.users.count == 1)
            #expect(try await store.ledger(of: cluster.id).filter { $0.kind == .uid }.map(\.number) == [1])
        }
    }

    @Test(arguments: Kind.allCases)
    func namesAreUniqueInAClusterWithoutCase(kind: Kind) async throws {
        try await withStore(kind) { store in
            let other = Fixtures.cluster("other000")
            _ = try await store.commit(Fixtures.change([cluster, other], [Fixtures.user("Zhang", uid: 1)]))
            let error = await #expect(throws: StoreError.self) {
                try await store.commit(Fixtures.change([], [Fixtures.user("zhanG", uid: 2)]))
            }
            #expect(error == .nameTaken(Username(stored: "zhanG"), in: cluster.id))
            _ = try await store.commit(Fixtures.change([], [Fixtures.user("zhang", uid: 1, cluster: other)]))
        }
    }

    @Test(arguments: Kind.allCases)
    func aNumberBelongsToItsFirstHolderForEver(kind: Kind) async throws {
        try await withStore(kind) { store in
            let first = Fixtures.user("zhang", uid: 10_432)
            _ = try await store.commit(Fixtures.change([cluster], [first]))
            var twin = Fixtures.user("li", uid: 10_432)
            twin.id = HPCUserID(stored: "hpcuser-twin")
            await #expect(throws: StoreError.self) { try await store.commit(Fixtures.change([], [twin])) }
            _ = try await store.commit(Fixtures.change(removing: [first.id]))
            let error = await #expect(throws: StoreError.self) { try await store.commit(Fixtures.change([], [twin])) }
            #expect(error == .numberTaken(10_432, holder: "zhang", from: Fixtures.time, until: Fixtures.time))
            // Its own holder may come back.
            _ = try await store.commit(Fixtures.change([], [first]))
            let allocations = try await store.ledger(of: cluster.id)
            #expect(allocations.filter { $0.kind == .uid }.map(\.holder) == [first.id.text])
            #expect(allocations.first { $0.kind == .uid }?.until == nil)
        }
    }

    private func unnumbered(_ name: String, in range: ClosedRange<UInt32>) -> Change {
        var user = Fixtures.user(name, uid: 0)
        user.id = .make()
        var change = Fixtures.change()
        change.unnumberedUsers = [.init(user: user, range: range)]
        return change
    }

    @Test(arguments: Kind.allCases)
    func givesTheNextNumberAndNeverOneAgain(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster], [Fixtures.user("imported", uid: 12)]))
            let range: ClosedRange<UInt32> = 10...15
            for name in ["a", "b", "c"] { _ = try await store.commit(unnumbered(name, in: range)) }
            var users = try await store.load { _ in }.users
            #expect(users.map(\.uidNumber).sorted() == [12, 13, 14, 15])
            _ = try await store.commit(
                Fixtures.change(removing: users.filter { $0.username.text != "imported" }.map(\.id)))
            // The end is given, so the gaps are next; what was given before is not.
            for name in ["d", "e"] { _ = try await store.commit(unnumbered(name, in: range)) }
            users = try await store.load { _ in }.users
            #expect(users.map(\.uidNumber).sorted() == [10, 11, 12])
            await #expect(throws: StoreError.noNumberLeft(in: range, of: cluster.id)) {
                try await store.commit(unnumbered("f", in: range))
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func aNewIdentifierReplacesNobody(kind: Kind) async throws {
        try await withStore(kind) { store in
            let (present, gone) = (Fixtures.user("present", uid: 1), Fixtures.user("gone", uid: 2))
            _ = try await store.commit(Fixtures.change([cluster], [present, gone]))
            _ = try await store.commit(Fixtures.change(removing: [gone.id]))
            for taken in [present, gone] {
                var twin = Fixtures.user("twin", uid: 3)
                twin.id = taken.id
                var change = Fixtures.change([], [twin])
                change.newIDs = [twin.id]
                await #expect(throws: StoreError.outdated) { try await store.commit(change) }
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func concurrentAdditionsGetDifferentNumbers(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster]))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask { _ = try await store.commit(unnumbered("n\(number)", in: 100...1000)) }
                }
                try await group.waitForAll()
            }
            let numbers = try await store.load { _ in }.users.map(\.uidNumber).sorted()
            #expect(numbers == Array(100..<160))
        }
    }

    @Test(arguments: Kind.allCases)
    func aSignedRequestIsAnsweredOnce(kind: Kind) async throws {
        try await withStore(kind) { store in
            let job = JobID.make()
            var change = Fixtures.change([cluster])
            let expires = Timestamp(seconds: Fixtures.time.seconds + 60)
            change.request = IdempotencyRecord(digest: [1, 2, 3], expires: expires, outcome: .done(job))
            _ = try await store.commit(change)
            await #expect(throws: StoreError.answered(.done(job))) { try await store.commit(change) }
            let refusal = RosterError(.noSuchUser, "username: no user x")
            change.request = IdempotencyRecord(digest: [4], expires: expires, outcome: .refused(refusal))
            _ = try await store.commit(change)
            await #expect(throws: StoreError.answered(.refused(refusal))) { try await store.commit(change) }
            #expect(try await store.load { _ in }.revision == Revision(2))
            // It may have waited, and another commit may come meanwhile.
            change.time = Timestamp(seconds: expires.seconds + 30)
            await #expect(throws: StoreError.answered(.refused(refusal))) { try await store.commit(change) }
            // Long after anybody would take the request, it is forgotten.
            change.time = Timestamp(seconds: expires.seconds + 601)
            _ = try await store.commit(change)
        }
    }

    @Test(arguments: Kind.allCases)
    func theLedgerTellsFromAndUntil(kind: Kind) async throws {
        try await withStore(kind) { store in
            let user = Fixtures.user("zhang", uid: 10_432)
            _ = try await store.commit(Fixtures.change([cluster], [user]))
            var removal = Fixtures.change(removing: [user.id])
            removal.time = Timestamp(seconds: Fixtures.time.seconds + 60)
            _ = try await store.commit(removal)
            let allocations = try await store.ledger(of: cluster.id)
            #expect(
                allocations == [
                    IDAllocation(
                        cluster: cluster.id, kind: .gid, number: 10_000, name: "zhang", holder: "", from: Fixtures.time,
                        until: nil),
                    IDAllocation(
                        cluster: cluster.id, kind: .uid, number: 10_432, name: "zhang", holder: user.id.text,
                        from: Fixtures.time,
                        until: removal.time),
                ])
        }
    }

    @Test(arguments: Kind.allCases)
    func deltasLeadFromAnyRevisionToTheNewest(kind: Kind) async throws {
        try await withStore(kind) { store in
            var random = SeededGenerator(seed: 7)
            _ = try await store.commit(Fixtures.change([cluster], (1...20).map { Fixtures.user("u\($0)", uid: $0) }))
            var images = [try await store.load { _ in }]
            for round in UInt32(0)..<30 {
                var change = Fixtures.change()
                let present = images.last?.users.sorted { $0.id < $1.id } ?? []
                if round % 3 == 0, let victim = present.randomElement(using: &random) {
                    change.removedUsers = [victim.id]
                }
                if round % 3 == 1, var user = present.randomElement(using: &random) {
                    user.gecos = "round \(round)"
                    change.users.append(user)
                }
                change.users.append(Fixtures.user("n\(round)", uid: 100 + round))
                _ = try await store.commit(change)
                images.append(try await store.load { _ in })
            }
            let newest = try #require(images.last)
            for contents in images {
                let delta = try #require(try await store.changes(since: contents.revision))
                var users = Dictionary(uniqueKeysWithValues: contents.users.map { ($0.id, $0) })
                for removed in delta.removedUsers { users[removed.id] = nil }
                for user in delta.users { users[user.id] = user }
                #expect(delta.to == newest.revision)
                #expect(users == Dictionary(uniqueKeysWithValues: newest.users.map { ($0.id, $0) }))
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func theOperationLogIsOneChain(kind: Kind) async throws {
        try await withStore(kind) { store in
            for action in ["A", "B", "C"] {
                var change = Fixtures.change()
                var event = Fixtures.event(action)
                event.owner = AccountID(stored: "usr-1")
                event.clusters = [cluster.id]
                event.resources = ["hpcuser-1", "hpcuser-2"]
                event.message = "said \"so\""
                change.events = [event, Fixtures.event(action + "2")]
                _ = try await store.commit(change)
            }
            let events = try await store.events(after: 0, limit: 100)
            #expect(events.map(\.sequence) == Array(1...6))
            #expect(events.map(\.event.action) == ["A", "A2", "B", "B2", "C", "C2"])
            var code: [UInt8] = []
            for logged in events {
                code = TemporarySQLite.key.code(after: code, of: logged.event.chainedBytes(sequence: logged.sequence))
                #expect(logged.code == code)
            }
            #expect(try await store.events(after: 4, limit: 1).map(\.sequence) == [5])
        }
    }

    @Test(arguments: Kind.allCases)
    func tellsAnImportWhatItMustKnow(kind: Kind) async throws {
        try await withStore(kind) { store in
            let other = Fixtures.cluster("other000")
            let (kept, gone) = (Fixtures.user("kept", uid: 1), Fixtures.user("gone", uid: 2))
            let foreign = Fixtures.user("foreign", uid: 3, cluster: other)
            _ = try await store.commit(Fixtures.change([cluster, other], [kept, gone, foreign]))
            _ = try await store.commit(Fixtures.change(removing: [gone.id]))
            let basis = try await store.importBasis(
                for: [cluster.id, ClusterID(stored: "hpc-none")],
                ids: [foreign.id, gone.id, HPCUserID(stored: "hpcuser-free")])
            #expect(basis.revision == Revision(2))
            #expect(basis.clusters.map(\.id) == [cluster.id])
            #expect(basis.users.map(\.id) == [kept.id])
            #expect(basis.tombstones.map(\.user.id) == [gone.id])
            #expect(Set(basis.allocations.lazy.filter { $0.kind == .uid }.map(\.number)) == [1, 2])
            #expect(Set(basis.allocations.lazy.filter { $0.kind == .gid }.map(\.number)) == [10_000])
            #expect(basis.takenIDs == [foreign.id: other.id, gone.id: cluster.id])
        }
    }

    @Test(arguments: Kind.allCases)
    func aUserNeedsItsCluster(kind: Kind) async throws {
        try await withStore(kind) { store in
            await #expect(throws: StoreError.self) {
                try await store.commit(Fixtures.change([], [Fixtures.user("a", uid: 1)]))
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func concurrentCommitsTakeDifferentRevisions(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster]))
            let revisions = try await withThrowingTaskGroup(of: Revision.self) { group in
                for uid in UInt32(1)...50 {
                    group.addTask { try await store.commit(Fixtures.change([], [Fixtures.user("u\(uid)", uid: uid)])) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(revisions.sorted() == (2...51).map { Revision($0) })
        }
    }

    @Test(arguments: Kind.allCases)
    func signsComeAfterACommit(kind: Kind) async throws {
        try await withStore(kind) { store in
            var signs = store.changeNotifications().makeAsyncIterator()
            _ = await signs.next()
            _ = try await store.commit(Fixtures.change([cluster]))
            #expect(await signs.next() != nil)
        }
    }

    @Test(arguments: Kind.allCases)
    func aRevisionThatTheStoreHasNotReachedAsksForALoad(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster], [Fixtures.user("a", uid: 1)]))
            // As a store that was put back to an earlier state is asked.
            #expect(try await store.changes(since: Revision(5)) == nil)
            #expect(try await store.changes(since: Revision(1))?.to == Revision(1))
        }
    }

    @Test(arguments: Kind.allCases)
    func oneAllocationIsFoundWithoutTheLedger(kind: Kind) async throws {
        try await withStore(kind) { store in
            let other = Fixtures.cluster("other000")
            let gone = Fixtures.user("gone", uid: 10_002)
            var change = Fixtures.change(
                [cluster, other],
                [Fixtures.user("a", uid: 10_001), gone, Fixtures.user("b", uid: 10_001, cluster: other)])
            change.groups = [Group(cluster: cluster.id, name: "optics", gidNumber: 10_003, isPrimary: false)]
            _ = try await store.commit(change)
            _ = try await store.commit(Fixtures.change(removing: [gone.id]))
            for cluster in [cluster, other] {
                let ledger = try await store.ledger(of: cluster.id)
                #expect(!ledger.isEmpty)
                for allocation in ledger {
                    #expect(
                        try await store.allocation(of: allocation.number, kind: allocation.kind, in: cluster.id)
                            == allocation)
                }
            }
            #expect(try await store.allocation(of: 10_002, kind: .uid, in: cluster.id)?.until == Fixtures.time)
            #expect(try await store.allocation(of: 10_003, kind: .uid, in: cluster.id) == nil)
            #expect(try await store.allocation(of: 4_294_967_294, kind: .gid, in: cluster.id) == nil)
        }
    }

    @Test(arguments: Kind.allCases)
    func aUserThatIsWrittenIntoAnotherClusterIsThere(kind: Kind) async throws {
        try await withStore(kind) { store in
            let other = Fixtures.cluster("other000")
            var user = Fixtures.user("a", uid: 10_001)
            _ = try await store.commit(Fixtures.change([cluster, other], [user, Fixtures.user("b", uid: 10_002)]))
            user.cluster = other.id
            _ = try await store.commit(Fixtures.change([], [user]))
            let users = try await store.load { _ in }.users
            #expect(users.first { $0.username.text == "a" }?.cluster == other.id)
            #expect(users.count == 2)
        }
    }
}
