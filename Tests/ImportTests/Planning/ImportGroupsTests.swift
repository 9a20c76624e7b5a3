import RosterImport
import RosterModel
import RosterStore
import RosterTesting
import Testing

/// What an import makes of the groups of a file: it updates, deletes nothing, and refuses no user for a group's sake.
@Suite struct ImportGroupsTests {
    private let store = MemoryStore(chaining: PlaintextSealing())
    private let cluster = Fixtures.cluster().id

    private func record(_ line: Int, _ name: String) -> ImportRecord {
        var record = ImportRecord(line: line, username: name)
        record.cluster = cluster.text
        record.uidNumber = String(10_000 + line)
        record.gidNumber = "10000"
        return record
    }

    private func group(
        _ line: Int, _ name: String, _ gid: UInt32, _ members: [String] = [], cluster: String? = "hpc-qig9xu97"
    ) -> ImportFile.ImportedGroup {
        .init(line: line, cluster: cluster, name: name, gidNumber: gid, members: members)
    }

    /// Imports three users and `groups`; gives the remarks and the summary.
    @discardableResult
    private func bringIn(
        _ groups: [ImportFile.ImportedGroup], _ change: (inout ImportOptions) -> Void = { _ in }
    ) async throws -> (diagnostics: [String], summary: String) {
        var options = ImportOptions(zone: Fixtures.zone)
        change(&options)
        var file = ImportFile()
        file.records = [record(1, "admin"), record(2, "zhang"), record(3, "li")]
        file.groups = groups
        var planner = ImportPlanner(file, options: options)
        let basis = try await store.importBasis(for: planner.clusters, ids: planner.usedIDs)
        let plan = planner.plan(basis: basis, now: Fixtures.time)
        #expect(plan.faults.isEmpty)
        _ = try await store.commit(plan.change(event: Fixtures.event(), now: Fixtures.time), ifNewest: plan.revision)
        return (plan.diagnostics.map { "\($0.line): \($0.message)" }, plan.summary)
    }

    private func kept() async throws -> [String] {
        let contents = try await store.load { _ in }
        return contents.groups.sorted { $0.gidNumber < $1.gidNumber }.map { group in
            let members = contents.users.filter { group.members.contains($0.id) }.map(\.username.text).sorted()
            return ([group.name, String(group.gidNumber)] + members).joined(separator: " ")
        }
    }

    private func delete(gid: UInt32) async throws {
        var change = Fixtures.change()
        change.removedGroups = [.init(cluster: cluster, gidNumber: gid)]
        _ = try await store.commit(change)
    }

    @Test func makesGroupsWithTheirMembers() async throws {
        let (diagnostics, summary) = try await bringIn([
            group(10, "optics", 500, ["zhang", "LI", "zhang"]), group(20, "empty", 501),
        ])
        #expect(diagnostics.isEmpty)
        #expect(summary.hasSuffix("; groups: 2 new"))
        #expect(try await kept() == ["optics 500 li zhang", "empty 501", "admin 10000"])
    }

    @Test func importingAgainUpdatesAndDeletesNothing() async throws {
        try await bringIn([group(10, "optics", 500, ["zhang"]), group(20, "lasers", 501, ["li"])])
        #expect(try await !bringIn([group(10, "optics", 500, ["zhang"])]).summary.contains("groups"))
        let (_, summary) = try await bringIn([group(10, "Optics", 500, ["li"])])
        #expect(summary.hasSuffix("; groups: 1 changed"))
        #expect(try await kept() == ["optics 500 li zhang", "lasers 501 li", "admin 10000"])
    }

    @Test func aGroupThatWasDeletedStaysDeleted() async throws {
        try await bringIn([group(10, "optics", 500, ["zhang"])])
        try await delete(gid: 500)
        let (diagnostics, _) = try await bringIn([group(10, "optics", 500, ["li"])])
        #expect(
            diagnostics == ["10: group optics: it was deleted in Roster and stays deleted; --restore brings it back"])
        #expect(try await kept() == ["admin 10000"])
        // Its gid is no other group's either.
        #expect(
            try await bringIn([group(10, "lasers", 500)]).diagnostics.first?.contains("was that of group optics")
                == true)
        #expect(try await bringIn([group(10, "optics", 500, ["li"])]) { $0.restores = true }.diagnostics.isEmpty)
        #expect(try await kept() == ["optics 500 li", "admin 10000"])
    }

    @Test func conflictsAreRemarksWithTheirLines() async throws {
        try await bringIn([group(10, "optics", 500)])
        let (diagnostics, _) = try await bringIn([
            group(10, "lasers", 500), group(20, "OPTICS", 501),
            group(30, "new", 502, ["zhang", "who", "a", "b", "c", "d e:f"]),
            group(40, "new", 503), group(50, "newer", 502), group(60, "a:b", 504),
            group(70, "far", 505, cluster: "hpc-none"),
            group(80, "odd", 506, cluster: "none"),
        ])
        #expect(diagnostics.count == 9)
        for (line, part) in [
            (10, "gid 500 is that of group optics"), (20, "its gid is 500 and 501 in the file"),
            (30, "no user d e:f in"), (30, "no user a, b, c and 1 more"), (40, "its gid is 502 and 503 in the file"),
            (50, "gid 502 is also in line 30"), (60, "holds ':'"), (70, "no cluster hpc-none"), (80, "cluster_id"),
        ] {
            #expect(diagnostics.contains { $0.hasPrefix("\(line): ") && $0.contains(part) }, "\(line): \(diagnostics)")
        }
        #expect(try await kept() == ["optics 500", "new 502 zhang", "admin 10000"])
    }

    @Test func theOwnGroupOfAClusterListsNoneOfItsOwn() async throws {
        let (diagnostics, summary) = try await bringIn([group(10, "admin", 10_000, ["admin", "zhang", "li"])])
        #expect(diagnostics.isEmpty)
        #expect(!summary.contains("groups"))
        #expect(try await kept() == ["admin 10000"])
    }

    @Test func groupsAndNamesAreMembers() async throws {
        var outer = group(10, "outer", 500, ["slurm", "zhang"])
        outer.memberGroups = ["INNER", "nobody", "outer"]
        var inner = group(20, "inner", 501, ["li"])
        inner.memberGroups = ["outer"]
        let (diagnostics, summary) = try await bringIn([outer, inner])
        #expect(summary.hasSuffix("; groups: 2 new"))
        #expect(
            diagnostics == [
                "10: group outer: no user slurm in cluster hpc-qig9xu97, kept as a name",
                "10: group outer: cannot have as members the groups nobody, outer: they are not kept, or it is in them",
                "20: group inner: cannot have as members the groups outer: they are not kept, or it is in them",
            ])
        func stored(_ gid: UInt32) async throws -> Group? {
            try await store.load { _ in }.groups.first { $0.gidNumber == gid }
        }
        #expect(try await stored(500)?.memberGroups == [501])
        #expect(try await stored(500)?.memberNames == ["slurm"])
        #expect(try await stored(501)?.memberGroups == [])
        // Again, nothing changes; further members are added.
        outer.memberGroups = ["inner"]
        #expect(try await !bringIn([outer]).summary.contains("groups"))
        var lasers = group(30, "lasers", 502)
        (lasers.createTime, lasers.updateTime) = (Timestamp(seconds: 5), Timestamp(seconds: 6))
        outer.memberGroups = ["lasers"]
        #expect(try await bringIn([outer, lasers]).summary.hasSuffix("; groups: 1 new, 1 changed"))
        #expect(try await stored(500)?.memberGroups == [501, 502])
        #expect(try await stored(502)?.createTime == Timestamp(seconds: 5))
        #expect(try await stored(502)?.updateTime == Timestamp(seconds: 6))
    }

    @Test func aGroupWithoutAClusterIsOfTheOneThatTheUsersAreOf() async throws {
        try await bringIn([group(10, "optics", 500, ["li"], cluster: nil)])
        #expect(try await kept() == ["optics 500 li", "admin 10000"])
    }

    @Test func aUserThatStaysDeletedIsNoMember() async throws {
        try await bringIn([])
        let contents = try await store.load { _ in }
        _ = try await store.commit(
            Fixtures.change(removing: contents.users.filter { $0.username.text == "li" }.map(\.id)))
        let (diagnostics, _) = try await bringIn([group(10, "optics", 500, ["zhang", "li"])])
        #expect(diagnostics.contains("10: group optics: no user li in cluster hpc-qig9xu97, left out of it"))
        #expect(try await kept() == ["optics 500 zhang", "admin 10000"])
    }
}
