import RosterImport
import RosterModel
import RosterStore
import RosterTesting
import Testing

/// What entries of groups and their members become, and what is said of the rest.
@Suite struct GroupEntryTests {
    private func user(_ name: String, uid: Int, dn: String? = nil, _ lines: String...) -> String {
        """
        dn: \(dn ?? "uid=\(name),ou=People,ou=hpc-qig9xu97,dc=site")
        objectClass: posixAccount
        uid: \(name)
        cn: \(name)
        uidNumber: \(uid)
        gidNumber: 3000
        homeDirectory: /share/home/\(name)

        """ + lines.map { $0 + "\n" }.joined() + "\n"
    }

    private func group(_ name: String, _ lines: String...) -> String {
        "dn: cn=\(name),ou=Group,ou=hpc-qig9xu97,dc=site\ncn: \(name)\n" + lines.map { $0 + "\n" }.joined() + "\n"
    }

    private func plan(_ text: String, basis: ImportBasis = ImportBasis(revision: .none)) -> ImportPlan {
        var planner = ImportPlanner(
            ImportReader.read(Array(text.utf8), format: .ldif), options: ImportOptions(zone: Fixtures.zone))
        let plan = planner.plan(basis: basis, now: Fixtures.time)
        #expect(plan.faults.isEmpty)
        return plan
    }

    private func groups(_ plan: ImportPlan) -> [String] {
        plan.groupItems.map { "\($0.group.name) \($0.group.gidNumber) \($0.group.members.count)" }
    }

    @Test func membersThatAreNobodyAreSaid() {
        let plan = plan(
            user("zhang", uid: 5001)
                + group(
                    "optics", "objectClass: posixGroup", "objectClass: groupOfNames", "gidNumber: 4000",
                    "member: uid=zhang,ou=People,ou=hpc-qig9xu97,dc=site", "member: mail=a@example.org,dc=site",
                    "member: no name", "member: uid=zhang,ou=People,ou=hpc-other0001,dc=site", "member:"))
        #expect(groups(plan) == ["optics 4000 1"])
        #expect(
            plan.diagnostics.map(\.message) == [
                "group optics: no user mail=a@example.org,dc=site, no name, "
                    + "uid=zhang,ou=People,ou=hpc-other0001,dc=site in cluster hpc-qig9xu97, left out of it"
            ])
    }

    @Test func aMemberIsWhoTheEntryOfItsNameIs() {
        let plan = plan(
            group(
                "optics", "objectClass: posixGroup", "gidNumber: 4000", "memberUid: li",
                "member: CN=zhang wei,ou=STAFF,ou=People,ou=hpc-qig9xu97,dc=site",
                "uniqueMember: uid=li,ou=People,ou=hpc-qig9xu97,dc=site",
                "member: cn=lasers,ou=Group,ou=hpc-qig9xu97,dc=site")
                + group("lasers", "objectClass: posixGroup", "gidNumber: 4001", "memberUid: zhang")
                + user("zhang", uid: 5001, dn: "cn=Zhang Wei,ou=Staff,ou=People,ou=hpc-qig9xu97,dc=site")
                + user("li", uid: 5002) + user("lasers", uid: 5003))
        #expect(groups(plan) == ["optics 4000 2", "lasers 4001 1"])
        #expect(plan.groupItems.map(\.group.memberGroups) == [[4001], []])
        #expect(plan.diagnostics.isEmpty)
    }

    @Test func aMemberOfAnotherClusterIsNobody() {
        let other = "cn=Zhang Wei,ou=People,ou=hpc-other0001,dc=site"
        let plan = plan(
            user("zhang", uid: 5001) + user("zhang", uid: 5001, dn: other)
                + group("optics", "objectClass: posixGroup", "gidNumber: 4000", "member: \(other)"))
        #expect(groups(plan) == ["optics 4000 0"])
        #expect(
            plan.diagnostics.map(\.message) == [
                "group optics: no user \(other) in cluster hpc-qig9xu97, left out of it"
            ])
    }

    /// Above the largest given gid, then in the gaps, and each once.
    @Test func theGidsOfARangeAreUsedUp() throws {
        let zhang = "member: uid=zhang,ou=People,ou=hpc-qig9xu97,dc=site"
        let names = ["a", "b", "c", "d", "e"]
        let cluster = """
            dn: ou=hpc-qig9xu97,dc=site
            objectClass: organizationalUnit
            objectClass: rosterCluster
            ou: hpc-qig9xu97
            rosterFirstUID: 20000
            rosterLastUID: 20004


            """
        let file =
            cluster + user("zhang", uid: 5001)
            + group("lab", "objectClass: posixGroup", "gidNumber: 20002")
            + names.map { group($0, "objectClass: groupOfNames", zhang) }.joined()
        let plan = plan(file)
        #expect(
            groups(plan) == ["lab 20002 0", "a 20003 1", "b 20004 1", "c 20000 1", "d 20001 1"])
        #expect(
            plan.diagnostics.map(\.message) == ["group e: no gid of 20000 to 20004 is left; it is left out"])
    }

    @Test(arguments: [
        ("rosterFirstUID: 20000\nrosterFirstUID: 30000", "rosterFirstUID: a second, different value"),
        ("rosterNameRule: vendor\nrosterNameRule: posix", "rosterNameRule: a second, different value"),
        ("rosterPasswordRule: none of it", "rosterPasswordRule: is no rule for passwords"),
    ])
    func settingsThatCannotBeReadAreSaid(lines: String, fault: String) {
        let plan = plan(
            "dn: ou=hpc-qig9xu97,dc=site\nobjectClass: rosterCluster\nou: hpc-qig9xu97\n\(lines)\n\n"
                + user("zhang", uid: 5001))
        #expect(plan.diagnostics.map(\.message) == ["cluster 'hpc-qig9xu97': \(fault)"])
    }

    /// The ends of the range are right each by itself, and not together with the other one's default.
    @Test func settingsThatDoNotGoTogetherAreSaidAndNotHalfTaken() throws {
        let plan = plan(
            "dn: ou=hpc-qig9xu97,dc=site\nobjectClass: rosterCluster\nou: hpc-qig9xu97\nrosterClusterName: Seven\n"
                + "rosterLastUID: 5\n\n" + user("zhang", uid: 5001))
        let cluster = try #require(plan.newClusters.first)
        #expect(cluster.name != "Seven" && cluster.uidRange == Cluster.defaultUIDRange)
        #expect(
            plan.defaults[cluster.id]?.first
                == "its settings in line 1 of the file are not taken: uid_first: 10000 is above uid_last, 5")
    }

    @Test func groupsWithoutAGidGetOneOnce() throws {
        let zhang = "member: uid=zhang,ou=People,ou=hpc-qig9xu97,dc=site"
        let file =
            user("zhang", uid: 5001) + group("sun", "objectClass: groupOfNames", zhang)
            + group("moon", "objectClass: groupOfUniqueNames", zhang.replacing("member", with: "uniqueMember"))
            + group("optics", "objectClass: groupOfNames", zhang)
            + group("Roles of all", "objectClass: groupOfNames", "member: cn=nobody")
            + group("lab", "objectClass: posixGroup", "gidNumber: 10007")
            + group("optics", "objectClass: posixGroup", "gidNumber: 4000")
        let first = plan(file)
        #expect(groups(first) == ["lab 10007 0", "optics 4000 0", "sun 10008 1", "moon 10009 1"])
        #expect(
            first.diagnostics == [
                ImportDiagnostic(
                    line: 19,
                    "group optics: it has no gid, and the group of that name in line 34 has 4000; it is left out"),
                ImportDiagnostic(
                    line: 24,
                    "groups without a gid and without a user as a member are not kept; a gidNumber keeps them; such groups in the file: 1"
                ),
            ])
        var basis = ImportBasis(revision: .none)
        basis.clusters = first.newClusters
        basis.users = first.items.map(\.user)
        basis.groups = first.newGroups + first.groupItems.map(\.group)
        basis.allocations = [
            .init(
                cluster: first.newClusters[0].id, kind: .gid, number: 20_000, name: "gone", holder: "",
                from: Fixtures.time, until: Fixtures.time)
        ]
        let again = plan(file + group("star", "objectClass: groupOfNames", zhang), basis: basis)
        #expect(groups(again).suffix(3) == ["sun 10008 1", "moon 10009 1", "star 20001 1"])
        #expect(again.groupItems.map(\.verdict) == [.unchanged, .unchanged, .unchanged, .unchanged, .new])
    }

    @Test func valuesWithOptionsBesideAPlainOneAreCounted() throws {
        let plan = plan(
            user(
                "zhang", uid: 5001, "mail: a@example.org", "mail;lang-en: b@example.org", "title;lang-zh: 教授",
                "gecos;x-a: b"))
        let zhang = try #require(plan.items.first?.user)
        #expect(zhang.attributes.texts(.mail) == ["a@example.org"] && zhang.attributes.texts(.title) == ["教授"])
        #expect(
            plan.diagnostics.map(\.message) == ["mail;lang-en: not kept; values in the file: 1, the first one here"])
    }

    /// 389-DS writes into each name when it got the value.
    @Test func optionsOfReplicationSayNothingOfAValue() throws {
        let plan = plan(
            user(
                "zhang", uid: 5001, "mail;vucsn-5f0e000100010000: a@example.org",
                "mail;adcsn-5f0e000200010000;vucsn-5f0e000200010000: b@example.org",
                "gecos;VUCSN-5f0e000200010000: Room 7", "title;lang-zh;vucsn-5f0e000300010000: 教授",
                "title: professor", "oddity;vucsn-5f0e000400010000: 1", "oddity;vucsn-5f0e000500010000: 2"))
        let zhang = try #require(plan.items.first?.user)
        #expect(zhang.attributes.texts(.mail) == ["a@example.org", "b@example.org"] && zhang.gecos == "Room 7")
        #expect(zhang.attributes.texts(.title) == ["professor"])
        #expect(
            plan.diagnostics.map(\.message) == [
                "oddity: not kept; values in the file: 2, the first one here; roster attribute declare keeps them",
                "title;lang-zh: not kept; values in the file: 1, the first one here",
            ])
    }

    @Test func whatAServerHasDeletedIsPassedOver() throws {
        let plan = plan(
            user(
                "zhang", uid: 5001, "mail;vucsn-5f0000000000;deleted: a@example.org", "title;DeletedAttribute;deleted:")
                + user("li", uid: 5002, "objectClass: nsTombstone"))
        #expect(plan.items.map(\.user.username.text) == ["zhang"])
        #expect(plan.items.first?.user.attributes.isEmpty == true)
        #expect(
            plan.diagnostics.map(\.message) == [
                "entries and values that the server had deleted are passed over: 3, the first one here"
            ])
    }

    @Test func usersOfActiveDirectoryComeWithTheirGroups() throws {
        let sid = { (last: UInt8) in Base64.encode([1, 2, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, last, 2, 0, 0]) }
        let domain = ",DC=ad,DC=example\n"
        let hana = """
            dn: CN=Hana Sato,OU=Staff\(domain)objectClass: top
            objectClass: person
            objectClass: user
            cn: Hana Sato
            sAMAccountName: hana
            uidNumber: 39001
            objectSid:: \(String(decoding: sid(9), as: UTF8.self))
            primaryGroupID: 513
            unixHomeDirectory: /share/home/hana
            homeDirectory: \\\\server\\hana
            pwdLastSet: 132537600000000000
            whenCreated: 20210101000000.0Z
            userAccountControl: 512
            memberOf: CN=optics\(domain)

            """
        let rest = """
            dn: CN=Domain Users\(domain)objectClass: group
            cn: Domain Users
            gidNumber: 30000
            objectSid:: \(String(decoding: sid(1), as: UTF8.self))

            dn: CN=optics\(domain)objectClass: group
            cn: optics
            member: CN=Hana Sato,OU=Staff\(domain)
            dn: CN=PC1\(domain)objectClass: user
            objectClass: computer
            cn: PC1
            uidNumber: 7

            dn: CN=Ken\(domain)objectClass: person
            objectClass: user
            cn: Ken

            """
        var planner = ImportPlanner(
            ImportReader.read(Array((hana + rest).utf8), format: .ldif),
            options: ImportOptions(zone: Fixtures.zone, cluster: Fixtures.cluster().id))
        let plan = planner.plan(basis: ImportBasis(revision: .none), now: Fixtures.time)
        #expect(plan.faults.isEmpty)
        let user = try #require(plan.items.first?.user)
        #expect(plan.items.count == 1 && user.username.text == "hana" && user.uidNumber == 39001)
        #expect(user.gidNumber == 30000 && user.homeDirectory == "/share/home/hana" && user.state == .active)
        #expect(user.passwordTime == Timestamp(seconds: 1_609_286_400))
        #expect(user.createTime == Timestamp(seconds: 1_609_459_200))
        #expect(groups(plan) == ["optics 30001 1"])
        #expect(
            plan.diagnostics.map(\.message) == [
                "homeDirectory: not kept; values in the file: 1, the first one here",
                "group Domain Users: its name holds a blank; --accept-odd takes it; it is left out",
                "an entry of class computer is neither a user nor a group: not kept; such entries in the file: 1, the first one here",
                "an entry of class user is neither a user nor a group: not kept, as it has no uid; objectClass posixAccount, "
                    + "a uidNumber and a gidNumber make it a user; such entries in the file: 1, the first one here",
            ])
    }
}
