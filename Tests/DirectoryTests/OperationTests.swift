import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct OperationTests {
    private static func event(
        _ job: String, _ status: OperationEvent.Status, action: String = "AddUser", at offset: Int64 = 0,
        cluster: String? = "hpc-1", owner: String? = "usr-1", resource: String = "zhang", message: String = "text"
    ) -> OperationEvent {
        OperationEvent(
            job: JobID(stored: "j-" + job), time: Timestamp(seconds: Fixtures.time.seconds + offset), action: action,
            owner: owner.map { AccountID(stored: $0) }, submitter: "KEY", origin: "127.0.0.1",
            clusters: cluster.map { [ClusterID(stored: $0)] } ?? [], resources: [resource], status: status,
            message: message)
    }

    private static let one = ClusterID(stored: "hpc-1")
    private static let two = ClusterID(stored: "hpc-2")
    private static let everything = OperationScope(
        clusters: [one, two], account: nil, isGlobal: true, zone: [one, two],
        elsewhere: [ClusterID(stored: "hpc-elsewhere")])

    private static func fold() -> OperationFold {
        OperationFold([
            event("a", .pending),
            event("b", .pending, at: 10, cluster: "hpc-2", owner: "usr-2", resource: "li"),
            event("a", .successful, at: 20, message: "home made"),
            event("c", .failed, action: "DeleteUser", at: 30, cluster: nil, owner: nil, resource: "KEY"),
            event("d", .successful, at: 40, cluster: "hpc-elsewhere", owner: "usr-1"),
        ])
    }

    private static func jobs(_ change: (inout OperationQuery) -> Void) -> [String] {
        var query = OperationQuery(scope: everything)
        query.limit = 100
        change(&query)
        return fold().page(query).operations.map { String($0.id.text.dropFirst(2)) }
    }

    @Test func aJobIsWhatItsEventsFoldTo() throws {
        let job = try #require(Self.fold().operations.first)
        #expect(job.status == .successful)
        #expect(job.createTime == Fixtures.time)
        #expect(job.statusTime.seconds == Fixtures.time.seconds + 20)
        #expect(job.message == "home made")
    }

    @Test func filtersNarrow() {
        #expect(Self.jobs { _ in } == ["a", "b", "c"])
        #expect(Self.jobs { $0.status = .pending } == ["b"])
        #expect(Self.jobs { $0.action = "DeleteUser" } == ["c"])
        #expect(Self.jobs { $0.jobs = [JobID(stored: "j-b"), JobID(stored: "j-none")] } == ["b"])
        #expect(Self.jobs { $0.resources = ["li"] } == ["b"])
        #expect(Self.jobs { $0.owner = AccountID(stored: "usr-1") } == ["a"])
        #expect(Self.jobs { $0.searchWord = "HOME" } == ["a"])
        #expect(Self.jobs { $0.start = Timestamp(seconds: Fixtures.time.seconds + 10) } == ["b", "c"])
        #expect(Self.jobs { $0.end = Timestamp(seconds: Fixtures.time.seconds + 10) } == ["a", "b"])
        #expect(Self.jobs { $0.isReversed = true } == ["c", "b", "a"])
        #expect(
            Self.jobs {
                $0.offset = 1; $0.limit = 1
            } == ["b"])
    }

    private func scope(_ clusters: Set<ClusterID>, _ account: String?) -> OperationScope {
        OperationScope(
            clusters: clusters, account: account.map { AccountID(stored: $0) }, isGlobal: false,
            zone: [Self.one, Self.two], elsewhere: [ClusterID(stored: "hpc-elsewhere")])
    }

    @Test func membersSeeTheirOwnAndAdminsTheirClusters() {
        #expect(Self.jobs { $0.scope = scope([], "usr-1") } == ["a"])
        #expect(Self.jobs { $0.scope = scope([Self.two], "usr-1") } == ["a", "b"])
        #expect(Self.jobs { $0.scope = scope([], nil) } == [])
    }

    @Test func anAdminIsNotToldOfOtherClusters() {
        var event = Self.event("i", .successful, owner: nil)
        event.clusters = [Self.one, Self.two]
        event.resources = ["hpc-1", "hpc-2"]
        let fold = OperationFold([event])
        #expect(fold.page(OperationQuery(scope: scope([Self.one], nil))).operations.map(\.resources) == [["hpc-1"]])
    }

    @Test func whoAskedForAClusterThatIsNotThereSeesTheRefusal() {
        let fold = OperationFold([Self.event("x", .failed, cluster: "hpc-none")])
        #expect(fold.page(OperationQuery(scope: scope([Self.one], "usr-1"))).totalCount == 1)
        #expect(fold.page(OperationQuery(scope: Self.everything)).totalCount == 1)
        #expect(fold.page(OperationQuery(scope: scope([Self.one], "usr-2"))).totalCount == 0)
    }

    private func log() -> [LoggedEvent] {
        var code: [UInt8] = []
        return (1...5).map { sequence in
            let event = Self.event("\(sequence)", .successful)
            code = PlaintextSealing().code(after: code, of: event.chainedBytes(sequence: Int64(sequence)))
            return LoggedEvent(sequence: Int64(sequence), event: event, code: code)
        }
    }

    private func walk(_ events: [LoggedEvent], expecting head: ChainHead? = nil) throws(ChainWalk.ChainError)
        -> ChainHead
    {
        var walk = ChainWalk(chaining: PlaintextSealing(), expected: head)
        for event in events { try walk.step(event) }
        try walk.finish()
        return walk.head
    }

    @Test func aWholeChainIsWalkedAndItsHeadReadBack() throws {
        let head = try walk(log())
        #expect(try ChainHead("\(head)") == head)
        #expect(try walk(log(), expecting: head) == head)
        #expect(try walk(log(), expecting: try walk(Array(log().prefix(2)))) == head)
        #expect(try walk([]) == ChainHead.none)
    }

    @Test func changedMissingAndCutEventsShow() throws {
        let head = try walk(log())
        for index in 0..<5 {
            var events = log()
            var event = events[index].event
            event.message += "!"
            events[index] = LoggedEvent(sequence: events[index].sequence, event: event, code: events[index].code)
            #expect(throws: ChainWalk.ChainError.self) { try walk(events) }
            if index < 4 {
                var gap = log()
                gap.remove(at: index)
                #expect(throws: ChainWalk.ChainError.self) { try walk(gap) }
            }
        }
        // A tail that was cut off shows only against a head from before.
        _ = try walk(Array(log().dropLast()))
        #expect(throws: ChainWalk.ChainError.self) { try walk(Array(log().dropLast()), expecting: head) }
    }

    @Test(arguments: ["", "x", "1", ":", "1:abc", "1:zz", "-1:00", "1:00:00", "1:+f", "+1:ff", "1:-1"])
    func headsOfAnotherFormAreRefused(text: String) {
        #expect(throws: RosterError.self) { try ChainHead(text) }
    }
}
