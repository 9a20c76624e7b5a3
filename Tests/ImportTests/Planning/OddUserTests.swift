import RosterImport
import RosterModel
import RosterStore
import RosterTesting
import Testing

/// Names, homes and shells that no rule would allow, and the defaults that a file gives a cluster.
@Suite struct OddUserTests {
    private func plan(_ records: [ImportRecord], acceptsOdd: Bool = false) -> ImportPlan {
        var file = ImportFile()
        file.records = records
        var planner = ImportPlanner(
            file, options: ImportOptions(zone: Fixtures.zone, cluster: Fixtures.cluster().id, acceptsOdd: acceptsOdd))
        return planner.plan(basis: ImportBasis(revision: .none), now: Fixtures.time)
    }

    private func record(
        _ line: Int, _ name: String, home: String? = nil, shell: String? = nil, gid: String = "3000"
    ) -> ImportRecord {
        var record = ImportRecord(line: line, username: name)
        record.uidNumber = String(5000 + line)
        record.gidNumber = gid
        record.homeDirectory = home
        record.loginShell = shell
        return record
    }

    @Test(
        arguments: [
            ("-rf", nil, nil, "username: begins with '-'"), ("..", nil, nil, "username: begins with '.'"),
            ("+zhang", nil, nil, "username: begins with '+'"), ("0", nil, nil, "username: is a number"),
            ("zhang wei", nil, nil, "username: holds a blank"), ("a;reboot", nil, nil, "username: holds ';'"),
            ("$(id)", nil, nil, "username: holds '$'"),
            ("zhang", "/", nil, "home_directory: is the root"), ("zhang", "//", nil, "home_directory: is the root"),
            ("zhang", String(repeating: "/", count: 40), nil, "home_directory: is the root"),
            ("zhang", String(repeating: "/", count: 40), nil, "home_directory: is the root"),
            ("zhang", "/x/../etc", nil, "home_directory: holds '.' or '..'"),
            ("zhang", "/x/..", nil, "home_directory: holds '.' or '..'"),
            ("zhang", "/etc/", nil, "home_directory: is a folder of the system"),
            ("zhang", "home/zhang", nil, "home_directory: does not begin with '/'"),
            ("zhang", nil, "bash", "login_shell: does not begin with '/'"),
            ("zhang", nil, "/bin/sh -c reboot", "login_shell: holds a blank"),
            ("zhang", nil, "/home/../bin/sh", "login_shell: holds '.' or '..'"),
            (
                "-x", "/", "sh",
                "username: begins with '-'; home_directory: is the root; login_shell: does not begin with '/'"
            ),
        ] as [(String, String?, String?, String)])
    func isRefusedUnlessAccepted(name: String, home: String?, shell: String?, remark: String) {
        let records = [record(1, name, home: home, shell: shell)]
        #expect(plan(records).faults.map(\.message) == ["\(remark); --accept-odd takes the user all the same"])
        let accepted = plan(records, acceptsOdd: true)
        #expect(accepted.faults.isEmpty && accepted.items.count == 1)
        #expect(
            accepted.diagnostics.map(\.message)
                == remark.split(separator: "; ").map { "\(name): \($0)" })
    }

    @Test(arguments: ["zhang.wei", "Zhang", "zhang-1", "zhang@lab", "host$1x".replacing("$", with: "_"), "李明", "z"])
    func namesOfOtherSitesAreTaken(name: String) {
        #expect(plan([record(1, name, home: "/share/home/\(name)", shell: "/usr/bin/zsh")]).faults.isEmpty)
    }

    @Test func oneHomeOfTwoUsersIsOdd() {
        let records = [
            record(1, "zhang", home: "/share/home/zhang"), record(2, "li", home: "/share/home/zhang"),
            record(3, "wang", home: "/share/home/wang"), record(4, "a", home: "/nonexistent"),
            record(5, "b", home: "/nonexistent"), record(6, "c", home: "/share/lab"),
            record(7, "d", home: "/share/lab"),
        ]
        let end = "; --accept-odd takes the user all the same"
        #expect(
            plan(records).faults.map { "\($0.line): \($0.message)" } == [
                "2: home_directory: is that of line 1 too" + end, "7: home_directory: is that of line 6 too" + end,
            ])
        #expect(plan(records.reversed()).faults.map(\.line) == [1, 6])
    }

    @Test func thePlanSaysWhichDefaultsItChose() throws {
        let records = [
            record(1, "zhang", home: "/share/home/zhang", shell: "/bin/zsh"),
            record(2, "li", home: "/share/home/li", shell: "/sbin/nologin"), record(3, "wang", gid: "3001"),
        ]
        let id = Fixtures.cluster().id
        #expect(
            plan(records).defaults[id] == [
                "shell /bin/zsh: as 1 of 3 users in the file",
                "homes {nas_mount_point}/home/{username}, mount /share: as 2 of 3 users in the file",
                "group \(id) gid 3000: as 2 of 3 users in the file",
            ])
        #expect(
            plan([record(1, "admin")]).defaults[id] == [
                "shell /bin/bash: no user in the file has one to log in with",
                "homes {nas_mount_point}/{username}, mount /home: no user in the file has a home that ends with its name",
                "group admin gid 3000: as user admin, its admin",
            ])
    }
}
