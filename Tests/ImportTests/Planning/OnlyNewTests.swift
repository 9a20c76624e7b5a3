import RosterImport
import RosterModel
import RosterStore
import RosterTesting
import Testing

/// Imports that leave alone what exists, or the passwords of those who exist.
@Suite struct OnlyNewTests {
    private let store = MemoryStore(chaining: PlaintextSealing())
    private let cluster = Fixtures.cluster()
    private let now = Timestamp(seconds: Fixtures.time.seconds + 100)
    private let hash = ImportedPassword.hash(PasswordHash(stored: "$6$salt$of-the-file"))

    private func record(_ line: Int, _ name: String, _ set: (inout ImportRecord) -> Void = { _ in }) -> ImportRecord {
        var record = ImportRecord(line: line, username: name)
        record.cluster = cluster.id.text
        record.uidNumber = String(10_000 + line)
        record.gidNumber = "10000"
        set(&record)
        return record
    }

    private func group(_ line: Int, _ name: String, _ gid: UInt32, _ members: [String]) -> ImportFile.ImportedGroup {
        .init(line: line, cluster: cluster.id.text, name: name, gidNumber: gid, members: members)
    }

    private func plan(
        _ records: [ImportRecord], groups: [ImportFile.ImportedGroup] = [], _ change: (inout ImportOptions) -> Void
    ) async throws -> ImportPlan {
        var options = ImportOptions(zone: Fixtures.zone)
        change(&options)
        var file = ImportFile()
        (file.records, file.groups) = (records, groups)
        var planner = ImportPlanner(file, options: options)
        return planner.plan(
            basis: try await store.importBasis(for: planner.clusters, ids: planner.usedIDs), now: now)
    }

    private func apply(_ plan: ImportPlan) async throws {
        #expect(plan.faults.isEmpty)
        _ = try await store.commit(plan.change(event: Fixtures.event(), now: now), ifNewest: plan.revision)
    }

    /// Zhang, with a password, and Li, without one, of whom Zhang is in a group.
    private func fill() async throws -> [User] {
        var users = [Fixtures.user("zhang", uid: 10_002), Fixtures.user("li", uid: 10_003)]
        users[0].password = PasswordHash(stored: "$6$salt$of-roster")
        var change = Fixtures.change([cluster], users)
        change.groups = [
            Group(cluster: cluster.id, name: "own", gidNumber: 10_000, isPrimary: true),
            Group(cluster: cluster.id, name: "optics", gidNumber: 500, isPrimary: false, members: [users[0].id]),
        ]
        _ = try await store.commit(change)
        return users
    }

    private func users() async throws -> [String: User] {
        Dictionary(uniqueKeysWithValues: try await store.load { _ in }.users.map { ($0.username.text, $0) })
    }

    @Test func whoIsThereIsLeftAlone() async throws {
        _ = try await fill()
        let before = try await users()
        let li = try #require(before["li"])
        let plan = try await plan([
            record(2, "ZHANG") {
                $0.loginShell = "/bin/zsh"
                $0.password = hash
                $0.role = "boss"
                $0.homeDirectory = "/etc"
            },
            // Another person of the name does not refuse the file.
            record(77, "li") {
                $0.hpcUserID = "hpcuser-other001"
                $0.password = .clear("Clear-Text-2021")
            },
            record(4, "wang"),
        ]) { $0.onlyNew = true }
        #expect(plan.summary == "1 new, 0 changed, 0 unchanged, 2 left alone, 0 conflicting, 0 refused")
        #expect(plan.items.map(\.verdict) == [.leftAlone, .leftAlone, .new])
        #expect(plan.clearPasswords.isEmpty)
        #expect(
            plan.diagnostics.map(\.message) == [
                "li: uid_number is 10003 in Roster and 10077 in the file; left alone",
                "li: hpcuser_id is \(li.id) in Roster and hpcuser-other001 in the file; left alone",
            ])
        try await apply(plan)
        let after = try await users()
        #expect(after["zhang"] == before["zhang"])
        #expect(after["li"] == before["li"])
        #expect(after["wang"]?.uidNumber == 10_004)
        // The uid of one who is there is still given to nobody else.
        let thief = try await self.plan([record(2, "thief")]) { $0.onlyNew = true }
        #expect(thief.faults.map(\.kind) == [.conflicting])
    }

    @Test func onlyNewUsersJoinGroups() async throws {
        let before = try await fill()
        let groups = [
            group(10, "optics", 500, ["li", "wang", "nobody"]), group(11, "lasers", 501, ["zhang", "wang"]),
        ]
        let plan = try await plan([record(3, "li"), record(4, "wang")], groups: groups) { $0.onlyNew = true }
        #expect(
            plan.diagnostics.map(\.message) == [
                "group optics: users who are there already and do not join it: 1",
                "group lasers: users who are there already and do not join it: 1",
            ])
        try await apply(plan)
        let wang = try #require(try await users()["wang"])
        let after = try await store.load { _ in }.groups
        #expect(Set(try #require(after.first { $0.name == "optics" }).members) == [before[0].id, wang.id])
        #expect(try #require(after.first { $0.name == "optics" }).memberNames.isEmpty)
        #expect(try #require(after.first { $0.name == "lasers" }).members == [wang.id])
        // Again, it does nothing.
        let again = try await self.plan([record(3, "li"), record(4, "wang")], groups: groups) { $0.onlyNew = true }
        #expect(again.summary == "0 new, 0 changed, 0 unchanged, 2 left alone, 0 conflicting, 0 refused")
    }

    @Test func whoWasDeletedStaysDeletedUnlessRestored() async throws {
        let before = try await fill()
        _ = try await store.commit(Fixtures.change(removing: [before[1].id]))
        #expect(try await plan([record(3, "li")]) { $0.onlyNew = true }.items.map(\.verdict) == [.skipped])
        let restoring = try await plan([record(3, "li")]) { ($0.onlyNew, $0.restores) = (true, true) }
        #expect(restoring.items.map(\.verdict) == [.restored])
    }

    @Test func passwordsAreKept() async throws {
        _ = try await fill()
        let records = [
            record(2, "zhang") {
                $0.password = hash
                $0.loginShell = "/bin/zsh"
            },
            record(3, "li") { $0.password = hash },
            record(4, "wang") { $0.password = hash },
        ]
        let plan = try await plan(records) { $0.keepsPasswords = true }
        #expect(plan.items.map(\.verdict) == [.changed(["login_shell"]), .changed(["password"]), .new])
        #expect(plan.summary == "1 new, 2 changed, 0 unchanged, 0 conflicting, 0 refused; passwords kept: 1")
        try await apply(plan)
        let after = try await users()
        #expect(after["zhang"]?.password?.text == "$6$salt$of-roster")
        #expect(after["zhang"]?.loginShell == "/bin/zsh")
        #expect(after["zhang"]?.passwordTime == nil)
        #expect(after["li"]?.password?.text == "$6$salt$of-the-file")
        #expect(after["wang"]?.password?.text == "$6$salt$of-the-file")
        // Without the option, the file's password counts.
        try await apply(try await self.plan(records) { _ in })
        #expect(try await users()["zhang"]?.password?.text == "$6$salt$of-the-file")
    }

    @Test func keptPasswordsAreNotHashed() async throws {
        _ = try await fill()
        let plan = try await plan([
            record(2, "zhang") { $0.password = .clear("Clear-Text-2021") },
            record(3, "li") { $0.password = .clear("Clear-Text-2022") },
        ]) { $0.keepsPasswords = true }
        #expect(plan.clearPasswords.map(\.item) == [1])
        #expect(plan.keptPasswords == 1)
    }
}
