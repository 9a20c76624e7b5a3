import RosterImport
import RosterModel
import RosterStore
import RosterTesting
import Testing

/// Lines of group(5) and shadow(5) beside those of passwd(5).
@Suite struct PasswdCompanionTests {
    private static let hash = PasswdReaderTests.hash
    private static let users = lines(
        "root:x:0:0::/root:/bin/sh", "zhang:x:5001:100::/home/zhang:/bin/bash", "li:x:5002:5002::/home/li:/bin/bash")

    private func read(group: String = "", shadow: String = "") -> ImportFile {
        ImportReader.read(
            Array(Self.users.utf8), format: .passwd,
            companions: [
                PasswdCompanion(.group, name: "group", bytes: Array(group.utf8)),
                PasswdCompanion(.shadow, name: "shadow", bytes: Array(shadow.utf8)),
            ])
    }

    @Test func groupsComeWithTheirMembers() {
        let file = read(
            group: lines(
                "root:x:0:", "users:x:100:", "# none", "", "+::0:", "optics:x:6000:zhang, li,nobody", "sudo:x:27:li",
                "nogroup:x:65534:"))
        #expect(file.faults.isEmpty)
        #expect(
            file.groups.map { "\($0.name) \($0.gidNumber ?? 0) \($0.members)" } == [
                "users 100 []", "optics 6000 [\"zhang\", \"li\", \"nobody\"]",
            ])
        #expect(file.skipped.last?.message == "groups with a gid below 1000 are passed over: 3, the first one here")
        #expect(file.skipped.last?.source == "group" && file.skipped.last?.line == 1)
        var planner = ImportPlanner(
            file, options: ImportOptions(zone: Fixtures.zone, cluster: Fixtures.cluster().id))
        let plan = planner.plan(basis: ImportBasis(revision: .none), now: Fixtures.time)
        #expect(plan.newGroups.map(\.name) == ["users"])
        #expect(plan.groupItems.last?.group.members.count == 2 && plan.groupItems.last?.source == "group")
        #expect(
            plan.diagnostics.contains { $0.message.hasPrefix("group optics: no user nobody") && $0.source == "group" })
    }

    @Test func shadowLinesBringPasswordsLocksAndAgeing() throws {
        let file = read(
            shadow: lines(
                "root:*:19000:0:99999:7:::", "zhang:!\(Self.hash):19000:0:90:7:14:20000:", "li:!*:0:::::-1:"))
        #expect(file.faults.isEmpty)
        #expect(file.skipped.last?.message == "lines of users that are not imported: 1, the first one here")
        let (zhang, li) = (file.records[0], file.records[1])
        #expect(zhang.password == .hash(PasswordHash(stored: Self.hash)) && zhang.lock == "shadow(5)")
        #expect(zhang.passwordTime == Timestamp(seconds: 19_000 * 86_400))
        #expect(zhang.expires == Timestamp(seconds: 20_000 * 86_400) && zhang.expiresBy == "shadow(5)")
        #expect(zhang.attributes.texts(.shadowMax) == ["90"] && zhang.attributes.texts(.shadowInactive) == ["14"])
        #expect(li.password == nil && li.lock == nil && li.expires == nil && li.passwordTime == nil)
        #expect(li.attributes.isEmpty)
    }

    @Test(arguments: [
        ("a:x:1", "", "3 fields where group(5) has 4, parted by colons"),
        ("a:x:-1:", "", "gid: not a number from 0 to 4294967295"),
        ("a:x:99999999999:", "", "gid: not a number from 0 to 4294967295"),
        ("a\u{0}:x:1:", "", "holds a NUL character"),
        ("", "zhang:secret", "2 fields where shadow(5) has 9, parted by colons"),
        ("", "zhang:x:soon::::::", "changed: not a number of days"),
        ("", "zhang:x:99999999999999999999::::::", "changed: not a number of days"),
        ("", "zhang:x:::::::\nzhang:x:::::::", "'zhang' is also in line 1"),
    ])
    func whatIsWrongRefusesTheFile(group: String, shadow: String, fault: String) {
        let file = read(group: group, shadow: shadow)
        #expect(file.faults.map(\.message) == [fault])
        #expect(file.faults.map(\.source) == [group.isEmpty ? "shadow" : "group"])
    }
}
