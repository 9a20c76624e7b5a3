import RosterImport
import RosterModel
import RosterStore
import RosterTesting
import Synchronization
import Testing

/// "Importing twice" of the design, and what refuses a file.
@Suite struct ImportPlanTests {
    private let store = MemoryStore(chaining: PlaintextSealing())
    private let now = Fixtures.time
    private let cluster = "hpc-qig9xu97"

    private func record(_ line: Int, _ name: String, uid: String? = nil, _ set: (inout ImportRecord) -> Void = { _ in })
        -> ImportRecord
    {
        var record = ImportRecord(line: line, username: name)
        record.cluster = cluster
        record.uidNumber = uid ?? String(10_000 + line)
        record.gidNumber = "10000"
        set(&record)
        return record
    }

    private func plan(_ records: [ImportRecord], _ change: (inout ImportOptions) -> Void = { _ in }) async throws
        -> ImportPlan
    {
        var options = ImportOptions(zone: Fixtures.zone)
        change(&options)
        var file = ImportFile()
        file.records = records
        var planner = ImportPlanner(file, options: options)
        let basis = try await store.importBasis(for: planner.clusters, ids: planner.usedIDs)
        return planner.plan(basis: basis, now: now)
    }

    @discardableResult
    private func apply(_ plan: ImportPlan) async throws -> Revision {
        #expect(plan.faults.isEmpty)
        return try await store.commit(plan.change(event: Fixtures.event(), now: now), ifNewest: plan.revision)
    }

    private func delete(_ name: String) async throws {
        let contents = try await store.load { _ in }
        _ = try await store.commit(
            Fixtures.change(removing: contents.users.filter { $0.username.text == name }.map(\.id)))
    }

    private func users() async throws -> [String: User] {
        let contents = try await store.load { _ in }
        return Dictionary(uniqueKeysWithValues: contents.users.map { ($0.username.text, $0) })
    }

    @Test func anIdentifierOfTheFileIsNotMadeForARecordBeforeIt() {
        let own = HPCUserID(stored: "hpcuser-own00001")
        var file = ImportFile()
        file.records = [record(2, "first"), record(3, "second") { $0.hpcUserID = own.text }, record(4, "third")]
        // The first three that are made are the file's own, or one another.
        let made = Mutex([own, own, HPCUserID(stored: "hpcuser-made0001"), HPCUserID(stored: "hpcuser-made0001")])
        var planner = ImportPlanner(file, options: ImportOptions(zone: Fixtures.zone)) {
            made.withLock { $0.isEmpty ? .make() : $0.removeFirst() }
        }
        let plan = planner.plan(basis: ImportBasis(revision: .none), now: now)
        #expect(plan.faults.isEmpty)
        #expect(plan.item(1).user.id == own)
        #expect(Set(plan.items.map(\.user.id)).count == 3)
    }

    @Test func makesWhatTheFileLacks() async throws {
        let plan = try await plan([
            record(2, "admin"), record(3, "zhang") { $0.homeDirectory = "/public/s0723/home/zhang" },
            record(4, "li") { $0.homeDirectory = "/public/s0723/home/li" },
        ])
        try await apply(plan)
        let users = try await users()
        #expect(users["admin"]?.role == .admin)
        #expect(users["zhang"]?.role == .member)
        #expect(users["zhang"]?.createTime == now)
        #expect(users["zhang"]?.nasMountPoint == "/public/s0723")
        #expect(users["admin"]?.homeDirectory == "/public/s0723/home/admin")
        #expect(users["zhang"]?.id != users["admin"]?.id)
        #expect(plan.newClusters.map(\.type) == [.hpc])
        #expect(plan.newGroups.map(\.name) == ["admin"])
        #expect(plan.newGroups.map(\.gidNumber) == [10_000])
    }

    @Test func importingAgainChangesNothing() async throws {
        let records = [record(2, "zhang") { $0.createTime = "2021-08-17T09:12:40Z" }, record(3, "li")]
        try await apply(plan(records))
        let before = try await users()
        let again = try await plan(records)
        #expect(again.count { $0 == .unchanged } == 2)
        try await apply(again)
        #expect(try await users() == before)
    }

    @Test func importingAgainUpdatesAndKeepsWhatRosterMade() async throws {
        try await apply(plan([record(2, "zhang", uid: "11111")]))
        let before = try await users()["zhang"]
        let plan = try await plan([record(9, "ZHANG", uid: "11111") { $0.loginShell = "/bin/zsh" }])
        #expect(plan.items.map(\.verdict) == [.changed(["username", "login_shell"])])
        try await apply(plan)
        let after = try await users()["ZHANG"]
        #expect(after?.id == before?.id)
        #expect(after?.account == before?.account)
        #expect(after?.loginShell == "/bin/zsh")
    }

    @Test func usersThatTheFileLacksStay() async throws {
        try await apply(plan([record(2, "zhang"), record(3, "li")]))
        try await apply(plan([record(3, "li")]))
        #expect(try await users().count == 2)
    }

    @Test func aChangedUIDIsRefused() async throws {
        try await apply(plan([record(2, "zhang", uid: "11111")]))
        let plan = try await plan([record(2, "zhang", uid: "11112")])
        #expect(plan.faults.map(\.kind) == [.conflicting])
        #expect(plan.faults.first?.message.contains("11111") == true)
    }

    @Test func aDeletedUserStaysDeletedUnlessRestored() async throws {
        try await apply(plan([record(2, "zhang"), record(3, "li")]))
        let before = try await users()["zhang"]
        try await delete("zhang")
        let plain = try await plan([record(2, "zhang"), record(3, "li")])
        #expect(plain.items.map(\.verdict) == [.skipped, .unchanged])
        #expect(plain.diagnostics.count == 1)
        try await apply(plain)
        #expect(try await users()["zhang"] == nil)
        let restoring = try await plan([record(2, "zhang"), record(3, "li")]) { $0.restores = true }
        #expect(restoring.items.map(\.verdict) == [.restored, .unchanged])
        try await apply(restoring)
        let after = try await users()["zhang"]
        #expect(after?.id == before?.id)
        #expect(after?.uidNumber == before?.uidNumber)
    }

    @Test func aRetiredNumberIsNotGivenToAnotherName() async throws {
        try await apply(plan([record(2, "zhang", uid: "11111"), record(3, "li")]))
        try await delete("zhang")
        let plan = try await plan([record(2, "wang", uid: "11111")])
        #expect(plan.faults.first?.message.contains("zhang") == true)
        #expect(plan.faults.first?.kind == .conflicting)
    }

    @Test func rowsOfOneFileConflict() async throws {
        let plan = try await plan([
            record(2, "zhang", uid: "1"), record(3, "Zhang", uid: "2"), record(4, "li", uid: "1"),
            record(5, "wang") { $0.hpcUserID = "hpcuser-1" }, record(6, "sun") { $0.hpcUserID = "hpcuser-1" },
        ])
        #expect(plan.faults.map(\.line) == [3, 4, 6])
        #expect(plan.faults.allSatisfy { $0.kind == .conflicting })
    }

    @Test func theSameNumberInTwoClustersIsNoConflict() async throws {
        let plan = try await plan([
            record(2, "zhang", uid: "1"), record(3, "zhang", uid: "1") { $0.cluster = "ehpc-1" },
        ])
        #expect(plan.faults.isEmpty)
        try await apply(plan)
    }

    /// What is wrong, and the word that the fault must hold.
    private static let spoils: [(String, @Sendable (inout ImportRecord) -> Void)] = [
        ("role", { $0.role = "root" }), ("uid_number", { $0.uidNumber = "0" }),
        ("uid_number", { $0.uidNumber = nil }),
        ("gid_number", { $0.gidNumber = "x" }), ("mod", { $0.mode = "mod" }),
        ("create_time", { $0.createTime = "now" }),
        ("update_time", { $0.updateTime = "2021" }), ("username", { $0.username = "" }),
        ("username", { $0.username = "a:b" }), ("cluster_id", { $0.cluster = "cluster" }),
        ("hpcuser_id", { $0.hpcUserID = "1" }), ("user_id", { $0.account = "1" }),
        ("home_directory", { $0.homeDirectory = "/a\nb" }), ("boss", { $0.role = "boss" }),
        ("password", { $0.password = .excessive(scheme: "$6$") }),
        ("password", { $0.password = .clear(String(repeating: "x", count: 257)) }),
    ]

    @Test(arguments: spoils)
    func aBadFieldRefusesTheFile(name: String, spoil: @Sendable (inout ImportRecord) -> Void) async throws {
        var bad = record(7, "wang")
        spoil(&bad)
        let plan = try await plan([record(2, "zhang"), bad])
        #expect(plan.faults.map(\.line) == [7])
        #expect(plan.faults.first?.message.contains(name) == true, "\(plan.faults)")
    }

    @Test func aBossNeedsLeave() async throws {
        let records = [record(2, "zhang") { $0.role = "boss" }]
        try await apply(plan(records) { $0.allowsBoss = true })
        #expect(try await users()["zhang"]?.role == .boss)
        // Once it is one, a repeated import widens nothing.
        #expect(try await plan(records).faults.isEmpty)
    }

    @Test func aClusterOfAnotherZoneIsRefused() async throws {
        try await apply(plan([record(2, "zhang")]))
        let plan = try await plan([record(2, "li")]) { $0.zone = Zone(stored: "zone2") }
        #expect(plan.faults.first?.message.contains("zone1") == true)
    }

    @Test func theClusterComesFromTheOptionWhereTheFileNamesNone() async throws {
        let bare = record(2, "zhang") { $0.cluster = nil }
        #expect(try await plan([bare]).faults.count == 1)
        try await apply(plan([bare]) { $0.cluster = ClusterID(stored: "hpc-opt") })
        #expect(try await users()["zhang"]?.cluster.text == "hpc-opt")
        let disagreeing = try await plan([record(2, "li")]) { $0.cluster = ClusterID(stored: "hpc-opt") }
        #expect(disagreeing.faults.count == 1)
    }

    @Test func anIdentifierOfAnotherClusterIsNotTaken() async throws {
        try await apply(plan([record(2, "zhang") { $0.hpcUserID = "hpcuser-1" }]))
        let plan = try await plan([
            record(2, "li") {
                $0.cluster = "hpc-other"
                $0.hpcUserID = "hpcuser-1"
            }
        ])
        #expect(plan.faults.first?.message.contains("hpcuser-1") == true)
    }

    @Test func anIdentifierOfADeletedUserIsNotTaken() async throws {
        try await apply(plan([record(2, "zhang") { $0.hpcUserID = "hpcuser-1" }, record(3, "li")]))
        try await delete("zhang")
        let plan = try await plan([record(2, "wang", uid: "20000") { $0.hpcUserID = "hpcuser-1" }])
        #expect(plan.faults.map(\.kind) == [.conflicting])
    }

    @Test func clearPasswordsAreSettledBeforeTheChange() async throws {
        try await apply(plan([record(2, "zhang"), record(3, "li")]))
        var plan = try await plan([record(2, "zhang") { $0.password = .clear("Secret1") }, record(3, "li")])
        #expect(plan.clearPasswords.count == 1)
        #expect(plan.change(event: Fixtures.event(), now: now).users.isEmpty)
        let password = try #require(plan.clearPasswords.first)
        plan.setHash(password, hash: PasswordHash(stored: "$y$hash"), now: now)
        #expect(plan.items.first?.verdict == .changed(["password"]))
        try await apply(plan)
        #expect(try await users()["zhang"]?.password?.text == "$y$hash")
    }

    @Test func whatAFileDoesNotSayStays() async throws {
        try await apply(
            plan([
                record(2, "zhang") {
                    $0.password = .hash(PasswordHash(stored: "$6$x"))
                    $0.mode = "750"
                }
            ]))
        try await apply(plan([record(2, "zhang")]))
        #expect(try await users()["zhang"]?.password?.text == "$6$x")
        #expect(try await users()["zhang"]?.mode?.description == "750")
    }

    @Test func unverifiableSchemesAreSaidAndLeftOut() async throws {
        let plan = try await plan([record(2, "zhang") { $0.password = .unsupported(scheme: "{MD5}") }])
        #expect(plan.diagnostics.first?.message.contains("{MD5}") == true)
        try await apply(plan)
        #expect(try await users()["zhang"]?.password == nil)
    }

    @Test func aPlanOfAnOlderRevisionIsNotApplied() async throws {
        let old = try await plan([record(2, "zhang")])
        try await apply(plan([record(2, "li")]))
        await #expect(throws: StoreError.outdated) {
            _ = try await store.commit(old.change(event: Fixtures.event(), now: now), ifNewest: old.revision)
        }
    }

    @Test func theEventNamesTheClusters() async throws {
        try await apply(plan([record(2, "zhang"), record(3, "li") { $0.cluster = "hpc-2" }]))
        let events = try await store.events(after: 0, limit: 10)
        #expect(events.first?.event.clusters.map(\.text) == ["hpc-2", "hpc-qig9xu97"])
        #expect(events.first?.event.message.hasPrefix("2 new") == true)
    }
}
