import RosterCredentials
import RosterDirectory
import RosterModel
import RosterSQLite
import RosterStore
import RosterTesting
import Synchronization
import Testing

/// What every store must do where many commit at once, and where a change expects something.
@Suite(.timeLimit(.minutes(5))) struct CommitContractTests {
    private let cluster = Fixtures.cluster()

    /// Commits all of `changes` at once; the outcomes come in their order.
    private func commitAtOnce(
        _ changes: [Change], to store: any DirectoryStore
    ) async -> [Result<Revision, StoreError>] {
        await withTaskGroup(of: (Int, Result<Revision, StoreError>).self) { group in
            for (index, change) in changes.enumerated() {
                group.addTask {
                    do throws(StoreError) {
                        return (index, .success(try await store.commit(change)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            var outcomes: [Int: Result<Revision, StoreError>] = [:]
            for await (index, outcome) in group { outcomes[index] = outcome }
            return changes.indices.compactMap { outcomes[$0] }
        }
    }

    private func revisions(_ outcomes: [Result<Revision, StoreError>]) -> [Revision] {
        outcomes.compactMap { try? $0.get() }.sorted()
    }

    private func failures(_ outcomes: [Result<Revision, StoreError>]) -> [StoreError] {
        outcomes.compactMap { if case .failure(let failure) = $0 { failure } else { nil } }
    }

    @Test(arguments: Kind.allCases)
    func aFailureAmongManyIsItsOwn(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster], [Fixtures.user("first", uid: 1)]))
            let changes = (UInt32(0)..<200).map { number in
                // Every fifth wants a name that is taken, after it was given a number and a line of the ledger.
                let isBad = number % 5 == 0
                var change = Fixtures.change(
                    [],
                    [
                        Fixtures.user("n\(number)", uid: 1000 + number),
                        Fixtures.user(isBad ? "first" : "m\(number)", uid: 2000 + number),
                    ])
                change.events = [Fixtures.event("A\(number)"), Fixtures.event("B\(number)")]
                return change
            }
            let outcomes = await commitAtOnce(changes, to: store)
            #expect(revisions(outcomes) == (2...161).map { Revision($0) })
            #expect(
                failures(outcomes) == Array(repeating: .nameTaken(Username(stored: "first"), in: cluster.id), count: 40)
            )
            let contents = try await store.load { _ in }
            #expect(contents.revision == Revision(161))
            #expect(contents.users.count == 1 + 2 * 160)
            // What was answered is what is there, under the revision that was answered.
            let byName = Dictionary(uniqueKeysWithValues: contents.users.map { ($0.username.text, $0.revision) })
            for (number, outcome) in outcomes.enumerated() {
                #expect(byName["n\(number)"] == (try? outcome.get()))
                #expect(byName["m\(number)"] == (try? outcome.get()))
            }
            let numbers = try await store.ledger(of: cluster.id).filter { $0.kind == .uid }.map(\.number)
            #expect(Set(numbers) == Set(contents.users.map(\.uidNumber)))
        }
    }

    @Test(arguments: Kind.allCases)
    func theLogStaysOneChainWhereManyCommitAtOnce(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster], [Fixtures.user("first", uid: 1)]))
            let changes = (UInt32(0)..<100).map { number in
                var change = Fixtures.change(
                    [], [Fixtures.user(number % 7 == 0 ? "first" : "n\(number)", uid: 9 + number)])
                change.events = [Fixtures.event("A\(number)"), Fixtures.event("B\(number)")]
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
            _ = try await store.commit(Fixtures.change([cluster]))
            let jobs = (0..<40).map { _ in JobID.make() }
            let changes = jobs.enumerated().map { number, job in
                var change = Fixtures.change([], [Fixtures.user("n\(number)", uid: 100 + UInt32(number))])
                change.request = IdempotencyRecord(
                    digest: [1, 2, 3], expires: Timestamp(seconds: Fixtures.time.seconds + 60), outcome: .done(job))
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
            _ = try await store.commit(Fixtures.change([cluster]))
            let changes = (UInt32(1)...30).map { Fixtures.change([], [Fixtures.user("zhang", uid: $0)]) }
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
            _ = try await store.commit(Fixtures.change([cluster]))
            let tasks = (UInt32(1)...60).map { uid in
                Task { try await store.commit(Fixtures.change([], [Fixtures.user("u\(uid)", uid: uid)])) }
            }
            for task in tasks[30...] { task.cancel() }
            for task in tasks[..<30] { _ = try await task.value }
            var told = 30
            for task in tasks[30...] where (try? await task.value) != nil { told += 1 }
            // Who was told yes is there; nobody who was told no.
            let contents = try await store.load { _ in }
            #expect(contents.users.count == told)
            #expect(contents.revision == Revision(1 + Int64(told)))
        }
    }

    // MARK: Plans

    @Test(arguments: [Kind.sqlite, .postgres])
    func nobodyWritesBetweenAPlanAndItsCommit(kind: Kind) async throws {
        try await withStore(kind) { store in
            let planning = try #require(store as? any PlanningStore)
            _ = try await store.commit(Fixtures.change([cluster], [Fixtures.user("first", uid: 1)]))
            let writers = Task {
                var number: UInt32 = 100
                while !Task.isCancelled {
                    number += 1
                    _ = try await store.commit(Fixtures.change([], [Fixtures.user("w\(number)", uid: number)]))
                }
                return number
            }
            for round in UInt32(2)...20 {
                let seen = Seen()
                let planned = PlannedChange(clusters: [cluster.id], ids: []) { basis in
                    seen.revision.withLock { $0 = basis.revision }
                    return Fixtures.change([], [Fixtures.user("p\(basis.users.count)", uid: round)])
                }
                let revision = try await planning.commit(planned) { _ in }
                #expect(revision == seen.revision.withLock { $0 }.next)
            }
            writers.cancel()
            let last = try await writers.value
            let contents = try await store.load { _ in }
            #expect(contents.users.count == 20 + Int(last - 100))
            #expect(contents.revision == Revision(Int64(contents.users.count)))
        }
    }

    private final class Seen: Sendable {
        let revision = Mutex(Revision.none)
    }

    @Test(arguments: [Kind.sqlite, .postgres])
    func aPlanThatIsGivenUpOrRefusedChangesNothing(kind: Kind) async throws {
        try await withStore(kind) { store in
            let planning = try #require(store as? any PlanningStore)
            _ = try await store.commit(Fixtures.change([cluster], [Fixtures.user("first", uid: 1)]))
            let nothing = PlannedChange(clusters: [cluster.id], ids: []) { _ in nil }
            await #expect(throws: StoreError.outdated) { try await planning.commit(nothing) { _ in } }
            let taken = PlannedChange(clusters: [cluster.id], ids: []) { _ in
                Fixtures.change([], [Fixtures.user("new", uid: 2), Fixtures.user("First", uid: 3)])
            }
            await #expect(throws: StoreError.nameTaken(Username(stored: "First"), in: cluster.id)) {
                try await planning.commit(taken) { _ in }
            }
            #expect(try await store.commit(Fixtures.change([], [Fixtures.user("b", uid: 2)])) == Revision(2))
        }
    }

    // MARK: Preconditions

    /// What may happen between a plan at revision 1 and its commit, and whether what was planned still holds.
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
    func whatAPlanWasMadeOnMustStillHold(kind: Kind) async throws {
        for meanwhile in Meanwhile.allCases {
            try await withStore(kind) { store in
                let (user, other) = (Fixtures.user("judged", uid: 1), Fixtures.user("other", uid: 2))
                var key = Fixtures.key()
                var first = Fixtures.change([cluster, Fixtures.cluster("other000")], [user, other])
                first.keys = [key]
                let plannedAt = try await store.commit(first)
                var between = Fixtures.change()
                switch meanwhile {
                case .nothing: break
                case .another: between.users = [other]
                case .theUser: between.users = [user]
                case .itsRemoval, .itsReturn: between.removedUsers = [user.id]
                case .theCluster: between.clusters = [cluster]
                case .anotherCluster: between.clusters = [Fixtures.cluster("other000")]
                case .theKey: between.keys = [key]
                case .itsRevocation:
                    key.revokeTime = Fixtures.time
                    between.keys = [key]
                }
                if meanwhile != .nothing { _ = try await store.commit(between) }
                if meanwhile == .itsReturn { _ = try await store.commit(Fixtures.change([], [user])) }
                let before = try await store.load { _ in }.revision

                var change = Fixtures.change([], [Fixtures.user("judged", uid: 1)])
                var preconditions = Preconditions(at: plannedAt)
                preconditions.users = [user.id]
                preconditions.clusters = [cluster.id]
                preconditions.keys = [key.id]
                change.preconditions = preconditions
                change.events = [Fixtures.event()]
                do throws(StoreError) {
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
            _ = try await store.commit(Fixtures.change([cluster], [Fixtures.user("a", uid: 1)]))
            func commit(_ set: (inout Preconditions) -> Void) async throws {
                var change = Fixtures.change([], [Fixtures.user("a", uid: 1)])
                var preconditions = Preconditions(at: Revision(100))
                set(&preconditions)
                change.preconditions = preconditions
                _ = try await store.commit(change)
            }
            await #expect(throws: StoreError.outdated) {
                try await commit { $0.users = [HPCUserID(stored: "hpcuser-none")] }
            }
            await #expect(throws: StoreError.outdated) {
                try await commit { $0.clusters = [ClusterID(stored: "hpc-none")] }
            }
            await #expect(throws: StoreError.outdated) {
                try await commit { $0.keys = [AccessKeyID(stored: "NONE")] }
            }
            await #expect(throws: StoreError.outdated) { try await commit { $0.missingClusters = [cluster.id] } }
            await #expect(throws: StoreError.outdated) {
                try await commit { $0.inhabitedClusters = [ClusterID(stored: "hpc-none")] }
            }
            try await commit {
                $0.missingClusters = [ClusterID(stored: "hpc-none")]
                $0.inhabitedClusters = [cluster.id]
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func ofTwoModificationsPlannedAtOneRevisionOneIsCommitted(kind: Kind) async throws {
        try await withStore(kind) { store in
            for round in UInt32(1)...20 {
                var user = Fixtures.user("u\(round)", uid: round)
                let plannedAt = try await store.commit(Fixtures.change([cluster], [user]))
                let changes = ["one", "two", "three"].map { text in
                    user.gecos = text
                    var change = Fixtures.change([], [user])
                    change.preconditions = Preconditions(at: plannedAt)
                    change.preconditions?.users = [user.id]
                    return change
                }
                let outcomes = await commitAtOnce(changes, to: store)
                #expect(revisions(outcomes) == [plannedAt.next])
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
                let cluster = Fixtures.cluster("round00\(round)")
                let users = (UInt32(1)...4).map { Fixtures.user("u\($0)", uid: $0, cluster: cluster) }
                let plannedAt = try await store.commit(Fixtures.change([cluster], users))
                let changes = users.map { user in
                    var change = Fixtures.change(removing: [user.id])
                    change.preconditions = Preconditions(at: plannedAt)
                    change.preconditions?.users = [user.id]
                    change.preconditions?.inhabitedClusters = [cluster.id]
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
