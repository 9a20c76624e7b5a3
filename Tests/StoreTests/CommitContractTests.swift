import Roster
import RosterCredentials
import RosterSQLite
import RosterTesting
import Synchronization
import Testing

/// What every store must do where many commit at once, and where a change expects something.
@Suite struct CommitContractTests {
    private let cluster = MadeUp.cluster()

    /// Commits all of `changes` at once; the outcomes come in their order.
    private func commitAtOnce(
        _ changes: [Change], to store: any UserStore
    ) async -> [Result<Revision, StoreFailure>] {
        await withTaskGroup(of: (Int, Result<Revision, StoreFailure>).self) { group in
            for (index, change) in changes.enumerated() {
                group.addTask {
                    do throws(StoreFailure) {
                        return (index, .success(try await store.commit(change)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            var outcomes: [Int: Result<Revision, StoreFailure>] = [:]
            for await (index, outcome) in group { outcomes[index] = outcome }
            return changes.indices.compactMap { outcomes[$0] }
        }
    }

    private func revisions(_ outcomes: [Result<Revision, StoreFailure>]) -> [Revision] {
        outcomes.compactMap { try? $0.get() }.sorted()
    }

    private func failures(_ outcomes: [Result<Revision, StoreFailure>]) -> [StoreFailure] {
        outcomes.compactMap { if case .failure(let failure) = $0 { failure } else { nil } }
    }

    @Test(arguments: Kind.allCases)
    func aFailureAmongManyIsItsOwn(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(MadeUp.change([cluster], [MadeUp.user("first", uid: 1)]))
            let changes = (UInt32(0)..<200).map { number in
                // Every fifth wants a name that is taken, after it was given a number and a line of the ledger.
                let isBad = number % 5 == 0
                var change = MadeUp.change(
                    [],
                    [
                        MadeUp.user("n\(number)", uid: 1000 + number),
                        MadeUp.user(isBad ? "first" : "m\(number)", uid: 2000 + number),
                    ])
                change.events = [MadeUp.event("A\(number)"), MadeUp.event("B\(number)")]
                return change
            }
            let outcomes = await commitAtOnce(changes, to: store)
            #expect(revisions(outcomes) == (2...161).map { Revision($0) })
            #expect(
                failures(outcomes) == Array(repeating: .nameTaken(Username(stored: "first"), in: cluster.id), count: 40)
            )
            let image = try await store.load { _ in }
            #expect(image.revision == Revision(161))
            #expect(image.users.count == 1 + 2 * 160)
            // What was answered is what is there, under the revision that was answered.
            let byName = Dictionary(uniqueKeysWithValues: image.users.map { ($0.username.text, $0.revision) })
            for (number, outcome) in outcomes.enumerated() {
                #expect(byName["n\(number)"] == (try? outcome.get()))
                #expect(byName["m\(number)"] == (try? outcome.get()))
            }
            let numbers = try await store.ledger(of: cluster.id).filter { $0.kind == .uid }.map(\.number)
            #expect(Set(numbers) == Set(image.users.map(\.uidNumber)))
        }
    }

    @Test(arguments: Kind.allCases)
    func theLogStaysOneChainWhereManyCommitAtOnce(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(MadeUp.change([cluster], [MadeUp.user("first", uid: 1)]))
            let changes = (UInt32(0)..<100).map { number in
                var change = MadeUp.change([], [MadeUp.user(number % 7 == 0 ? "first" : "n\(number)", uid: 9 + number)])
                change.events = [MadeUp.event("A\(number)"), MadeUp.event("B\(number)")]
                return change
            }
            let outcomes = await commitAtOnce(changes, to: store)
            let events = try await store.events(after: 0, limit: 1000)
            #expect(events.count == 2 * revisions(outcomes).count)
            var walk = ChainWalk(chaining: TemporarySQLite.key, expected: nil)
            for event in events { try walk.step(event) }
            // The events of one change stand together, in the order of the revisions.
            var order: [(Revision, Int)] = []
            for (number, outcome) in outcomes.enumerated() {
                if let own = try? outcome.get() { order.append((own, number)) }
            }
            let actions = order.sorted { $0.0 < $1.0 }.flatMap { ["A\($0.1)", "B\($0.1)"] }
            #expect(events.map(\.event.action) == actions)
        }
    }

    @Test(arguments: Kind.allCases)
    func theSameSignedRequestManyTimesAtOnceIsAnsweredOnce(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(MadeUp.change([cluster]))
            let jobs = (0..<40).map { _ in JobID.make() }
            let changes = jobs.enumerated().map { number, job in
                var change = MadeUp.change([], [MadeUp.user("n\(number)", uid: 100 + UInt32(number))])
                change.request = AnsweredRequest(
                    digest: [1, 2, 3], expires: Timestamp(seconds: MadeUp.time.seconds + 60), outcome: .done(job))
                return change
            }
            let outcomes = await commitAtOnce(changes, to: store)
            #expect(revisions(outcomes) == [Revision(2)])
            let winner = try #require(outcomes.firstIndex { (try? $0.get()) != nil })
            #expect(failures(outcomes) == Array(repeating: .answered(.done(jobs[winner])), count: 39))
            #expect(try await store.load { _ in }.users.map(\.username.text) == ["n\(winner)"])
        }
    }

    @Test(arguments: Kind.allCases)
    func aNameIsGivenOnceWhereManyAskAtOnce(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(MadeUp.change([cluster]))
            let changes = (UInt32(1)...30).map { MadeUp.change([], [MadeUp.user("zhang", uid: $0)]) }
            let outcomes = await commitAtOnce(changes, to: store)
            #expect(revisions(outcomes) == [Revision(2)])
            #expect(
                failures(outcomes) == Array(repeating: .nameTaken(Username(stored: "zhang"), in: cluster.id), count: 29)
            )
        }
    }

    @Test(arguments: Kind.allCases)
    func commitsGoOnWhereCallersAreCancelled(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(MadeUp.change([cluster]))
            let tasks = (UInt32(1)...60).map { uid in
                Task { try await store.commit(MadeUp.change([], [MadeUp.user("u\(uid)", uid: uid)])) }
            }
            for task in tasks[30...] { task.cancel() }
            for task in tasks[..<30] { _ = try await task.value }
            var told = 30
            for task in tasks[30...] where (try? await task.value) != nil { told += 1 }
            // Who was told yes is there; nobody who was told no.
            let image = try await store.load { _ in }
            #expect(image.users.count == told)
            #expect(image.revision == Revision(1 + Int64(told)))
        }
    }

    // MARK: Plans

    @Test(arguments: [Kind.sqlite, .postgres])
    func nobodyWritesBetweenAPlanAndItsCommit(kind: Kind) async throws {
        try await withStore(kind) { store in
            let planning = try #require(store as? any PlanningStore)
            _ = try await store.commit(MadeUp.change([cluster], [MadeUp.user("first", uid: 1)]))
            let writers = Task {
                var number: UInt32 = 100
                while !Task.isCancelled {
                    number += 1
                    _ = try await store.commit(MadeUp.change([], [MadeUp.user("w\(number)", uid: number)]))
                }
                return number
            }
            for round in UInt32(2)...20 {
                let seen = Seen()
                let planned = PlannedChange(clusters: [cluster.id], ids: []) { basis in
                    seen.revision.withLock { $0 = basis.revision }
                    return MadeUp.change([], [MadeUp.user("p\(basis.users.count)", uid: round)])
                }
                let revision = try await planning.commit(planned) { _ in }
                #expect(revision == seen.revision.withLock { $0 }.next)
            }
            writers.cancel()
            let last = try await writers.value
            let image = try await store.load { _ in }
            #expect(image.users.count == 20 + Int(last - 100))
            #expect(image.revision == Revision(Int64(image.users.count)))
        }
    }

    private final class Seen: Sendable {
        let revision = Mutex(Revision.none)
    }

    @Test(arguments: [Kind.sqlite, .postgres])
    func aPlanThatIsGivenUpOrRefusedChangesNothing(kind: Kind) async throws {
        try await withStore(kind) { store in
            let planning = try #require(store as? any PlanningStore)
            _ = try await store.commit(MadeUp.change([cluster], [MadeUp.user("first", uid: 1)]))
            let nothing = PlannedChange(clusters: [cluster.id], ids: []) { _ in nil }
            await #expect(throws: StoreFailure.outdated) { try await planning.commit(nothing) { _ in } }
            let taken = PlannedChange(clusters: [cluster.id], ids: []) { _ in
                MadeUp.change([], [MadeUp.user("new", uid: 2), MadeUp.user("First", uid: 3)])
            }
            await #expect(throws: StoreFailure.nameTaken(Username(stored: "First"), in: cluster.id)) {
                try await planning.commit(taken) { _ in }
            }
            #expect(try await store.commit(MadeUp.change([], [MadeUp.user("b", uid: 2)])) == Revision(2))
        }
    }

    // MARK: Expectations

    /// What may happen between a judgement at revision 1 and its commit, and whether what was judged still holds.
    private enum Meanwhile: String, CaseIterable {
        case nothing, another, theUser, itsRemoval, itsReturn, theCluster, anotherCluster, theKey, itsRevocation

        var breaksIt: Bool {
            switch self {
            case .nothing, .another, .anotherCluster: false
            default: true
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func whatAJudgementStoodOnMustStillHold(kind: Kind) async throws {
        for meanwhile in Meanwhile.allCases {
            try await withStore(kind) { store in
                let (user, other) = (MadeUp.user("judged", uid: 1), MadeUp.user("other", uid: 2))
                var key = MadeUp.key()
                var first = MadeUp.change([cluster, MadeUp.cluster("other000")], [user, other])
                first.keys = [key]
                let judgedAt = try await store.commit(first)
                var between = MadeUp.change()
                switch meanwhile {
                case .nothing: break
                case .another: between.users = [other]
                case .theUser: between.users = [user]
                case .itsRemoval, .itsReturn: between.removedUsers = [user.id]
                case .theCluster: between.clusters = [cluster]
                case .anotherCluster: between.clusters = [MadeUp.cluster("other000")]
                case .theKey: between.keys = [key]
                case .itsRevocation:
                    key.revokeTime = MadeUp.time
                    between.keys = [key]
                }
                if meanwhile != .nothing { _ = try await store.commit(between) }
                if meanwhile == .itsReturn { _ = try await store.commit(MadeUp.change([], [user])) }
                let before = try await store.load { _ in }.revision

                var change = MadeUp.change([], [MadeUp.user("judged", uid: 1)])
                var expectations = Expectations(at: judgedAt)
                expectations.users = [user.id]
                expectations.clusters = [cluster.id]
                expectations.keys = [key.id]
                change.expectations = expectations
                change.events = [MadeUp.event()]
                do throws(StoreFailure) {
                    let revision = try await store.commit(change)
                    #expect(!meanwhile.breaksIt, "\(meanwhile)")
                    #expect(revision == before.next)
                } catch {
                    #expect(meanwhile.breaksIt, "\(meanwhile)")
                    #expect(error == .outdated)
                    #expect(try await store.load { _ in }.revision == before)
                    #expect(try await store.events(after: 0, limit: 10).isEmpty)
                }
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func whatIsExpectedMustBeThere(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(MadeUp.change([cluster], [MadeUp.user("a", uid: 1)]))
            func commit(_ set: (inout Expectations) -> Void) async throws {
                var change = MadeUp.change([], [MadeUp.user("a", uid: 1)])
                var expectations = Expectations(at: Revision(100))
                set(&expectations)
                change.expectations = expectations
                _ = try await store.commit(change)
            }
            await #expect(throws: StoreFailure.outdated) {
                try await commit { $0.users = [HPCUserID(stored: "hpcuser-none")] }
            }
            await #expect(throws: StoreFailure.outdated) {
                try await commit { $0.clusters = [ClusterID(stored: "hpc-none")] }
            }
            await #expect(throws: StoreFailure.outdated) {
                try await commit { $0.keys = [AccessKeyID(stored: "NONE")] }
            }
            await #expect(throws: StoreFailure.outdated) { try await commit { $0.missingClusters = [cluster.id] } }
            await #expect(throws: StoreFailure.outdated) {
                try await commit { $0.inhabitedClusters = [ClusterID(stored: "hpc-none")] }
            }
            try await commit {
                $0.missingClusters = [ClusterID(stored: "hpc-none")]
                $0.inhabitedClusters = [cluster.id]
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func ofTwoModificationsJudgedAtOneRevisionOneIsCommitted(kind: Kind) async throws {
        try await withStore(kind) { store in
            for round in UInt32(1)...20 {
                var user = MadeUp.user("u\(round)", uid: round)
                let judgedAt = try await store.commit(MadeUp.change([cluster], [user]))
                let changes = ["one", "two", "three"].map { text in
                    user.gecos = text
                    var change = MadeUp.change([], [user])
                    change.expectations = Expectations(at: judgedAt)
                    change.expectations?.users = [user.id]
                    return change
                }
                let outcomes = await commitAtOnce(changes, to: store)
                #expect(revisions(outcomes) == [judgedAt.next])
                #expect(failures(outcomes) == [.outdated, .outdated])
                let winner = try #require(outcomes.firstIndex { (try? $0.get()) != nil })
                let kept = try await store.load { _ in }.users.first { $0.id == user.id }
                #expect(kept?.gecos == changes[winner].users.first?.gecos)
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func theLastUserOfAClusterStaysWhereAllAreRemovedAtOnce(kind: Kind) async throws {
        try await withStore(kind) { store in
            for round in UInt32(0)..<10 {
                let cluster = MadeUp.cluster("round00\(round)")
                let users = (UInt32(1)...4).map { MadeUp.user("u\($0)", uid: $0, cluster: cluster) }
                let judgedAt = try await store.commit(MadeUp.change([cluster], users))
                let changes = users.map { user in
                    var change = MadeUp.change(removing: [user.id])
                    change.expectations = Expectations(at: judgedAt)
                    change.expectations?.users = [user.id]
                    change.expectations?.inhabitedClusters = [cluster.id]
                    return change
                }
                let outcomes = await commitAtOnce(changes, to: store)
                #expect(revisions(outcomes).count == 3)
                #expect(failures(outcomes) == [.outdated])
                #expect(try await store.load { _ in }.users.count { $0.cluster == cluster.id } == 1)
            }
        }
    }
}
