import RosterImport
import RosterModel
import RosterStore
import RosterTesting
import Testing

/// What a directory says of persons, their locks and their groups comes in, or is said not to.
@Suite struct PersonImportTests {
    /// An entry of a user, with more lines.
    private func entry(_ name: String, uid: Int, _ lines: String...) -> String {
        """
        dn: uid=\(name),ou=People,ou=hpc-qig9xu97,dc=site
        objectClass: inetOrgPerson
        objectClass: posixAccount
        uid: \(name)
        cn: \(name)
        sn: \(name)
        uidNumber: \(uid)
        gidNumber: 3000
        homeDirectory: /share/home/\(name)

        """ + lines.map { $0 + "\n" }.joined() + "\n"
    }

    private func plan(_ text: String) -> ImportPlan {
        var planner = ImportPlanner(
            ImportReader.read(Array(text.utf8), format: .ldif), options: ImportOptions(zone: Fixtures.zone))
        return planner.plan(basis: ImportBasis(revision: .none), now: Fixtures.time)
    }

    private func user(_ plan: ImportPlan, _ name: String) throws -> User {
        try #require(plan.items.map(\.user).first { $0.username.text == name })
    }

    @Test func attributesOfAPersonAreKept() throws {
        let plan = plan(
            entry(
                "zhang", uid: 5001, "mail: zhang@example.org", "mail: z@example.org", "givenName: Wei", "cn: Zhang Wei",
                "telephoneNumber: +86 10 1234", "jpegPhoto:: /9j/4AA=", "shadowMax: 90", "description: of the lab"))
        let zhang = try user(plan, "zhang")
        #expect(zhang.attributes.texts(.mail) == ["zhang@example.org", "z@example.org"])
        #expect(zhang.attributes.texts(.givenName) == ["Wei"])
        #expect(zhang.attributes.texts(.fullName) == ["zhang", "Zhang Wei"])
        #expect(zhang.attributes[.photo] == [[0xFF, 0xD8, 0xFF, 0xE0, 0]])
        #expect(zhang.attributes.texts(.shadowMax) == ["90"])
        #expect(zhang.attributes.texts(.description) == ["of the lab"])
        #expect(zhang.attributes[.surname].isEmpty)
        #expect(plan.diagnostics.isEmpty && plan.faults.isEmpty)
    }

    @Test func aKeyOfSeveralUsersIsReported() throws {
        func key(_ byte: UInt8) -> String {
            let type = Array("ssh-ed25519".utf8)
            let blob = [0, 0, 0, 11] + type + [0, 0, 0, 32] + [UInt8](repeating: byte, count: 32)
            return "sshPublicKey: ssh-ed25519 " + String(decoding: Base64.encode(blob), as: UTF8.self)
        }
        let apart = entry("zhang", uid: 5001, key(1), key(2)) + entry("li", uid: 5002, key(3))
        #expect(plan(apart).diagnostics.isEmpty)
        let shared = entry("zhang", uid: 5001, key(1), key(2)) + entry("li", uid: 5002, key(2) + " of li", key(1))
        #expect(
            plan(shared).diagnostics.map(\.message) == [
                "an SSH key of li is also one of zhang; keys that several users have: 2, the first one here"
            ])
    }

    @Test func namesThatAreButTheUsernameCostNothing() throws {
        #expect(try user(plan(entry("zhang", uid: 5001)), "zhang").attributes.isEmpty)
    }

    @Test func theGecosIsTheFullNameWhereNoOtherWasGiven() throws {
        let zhang = entry("zhang", uid: 5001).replacing("cn: zhang", with: "cn: Zhang Wei")
        #expect(try user(plan(zhang), "zhang").gecos == "Zhang Wei")
        #expect(
            try user(plan(zhang.replacing("uid: zhang\n", with: "uid: zhang\ngecos: given\n")), "zhang").gecos
                == "given")
        let colon = plan(zhang.replacing("uid: zhang\n", with: "uid: zhang\ngecos: a:b\n"))
        #expect(try user(colon, "zhang").gecos == "a b")
        #expect(
            colon.diagnostics.map(\.message) == [
                "zhang: gecos: holds a colon, which passwd(5) cannot hold, and becomes 'a b'"
            ])
    }

    @Test func aValueThatIsWrongIsLeftOutAndSaid() throws {
        let plan = plan(
            entry(
                "zhang", uid: 5001, "jpegPhoto: GIF", "shadowMax: soon", "displayName: a", "displayName: b",
                "sshPublicKey: x"))
        #expect(try user(plan, "zhang").attributes.present() == [.displayName])
        #expect(
            plan.diagnostics.map(\.message).sorted() == [
                "zhang: displayName: 2 values, of which the first 1 are kept", "zhang: jpegPhoto: is no JPEG: left out",
                "zhang: shadowMax: is not a whole number from -1 to 2147483647: left out",
                "zhang: sshPublicKey: does not begin with the type of a key that is supported, such as ssh-ed25519; options are not "
                    + "taken: left out",
            ])
    }

    @Test func attributesThatAreTooLargeTogetherAreLeftOut() throws {
        let lines = (0..<300).map { "description: \($0)" + String(repeating: "x", count: 4000) }
        let plan = plan(
            entry(
                "zhang", uid: 5001,
                (["mail: a@example.org"] + lines + lines.map { $0.replacing("description", with: "title") }).joined(
                    separator: "\n")))
        let zhang = try user(plan, "zhang")
        #expect(zhang.attributes.present() == [.mail, .title])
        #expect(zhang.attributes[.title].count == UserAttribute.maximumCount)
        #expect(
            plan.diagnostics.contains {
                $0.message.contains("description: the attributes are larger than 1048576 bytes")
            })
    }

    @Test(arguments: [
        ("pwdAccountLockedTime: 000001010000Z", "pwdAccountLockedTime"), ("nsAccountLock: TRUE", "nsAccountLock"),
        ("nsaccountlock: true", "nsAccountLock"), ("userAccountControl: 514", "userAccountControl"),
        (
            "userPassword: {CRYPT}!$6$LzU1YPab0T4E6I/s$WHf5PM.KzXaRV/Z1dym6jcCDVMwiLMGUGIxc59M8fT81uELt4y90G//e5NevQnfEJ2HyEKD.WesFnN1FFhMAf0",
            "userPassword"
        ),
    ])
    func aLockStays(line: String, attribute: String) throws {
        let plan = plan(entry("zhang", uid: 5001, line))
        #expect(try user(plan, "zhang").state == .locked)
        #expect(plan.diagnostics.map(\.message) == ["zhang: locked, as \(attribute) says"])
    }

    @Test(arguments: [
        "nsAccountLock: FALSE", "userAccountControl: 512", "shadowExpire: -1", "accountExpires: 0",
        "accountExpires: 9223372036854775807",
    ])
    func whoIsNotLockedIsNot(line: String) throws {
        let zhang = try user(plan(entry("zhang", uid: 5001, line)), "zhang")
        #expect(zhang.state == .active && zhang.expires == nil)
    }

    @Test(arguments: [("shadowExpire: 1", Int64(86_400)), ("accountExpires: 132537600000000000", 1_609_286_400)])
    func anExpiryStays(line: String, seconds: Int64) throws {
        #expect(try user(plan(entry("zhang", uid: 5001, line)), "zhang").expires == Timestamp(seconds: seconds))
    }

    @Test func membersByDistinguishedNameAreMembers() throws {
        let group = """
            dn: cn=optics,ou=Group,ou=hpc-qig9xu97,dc=site
            objectClass: groupOfNames
            objectClass: posixGroup
            cn: optics
            gidNumber: 4000
            member: uid=zhang,ou=People,ou=hpc-qig9xu97,dc=site
            uniqueMember: uid=li, ou=People,dc=site
            memberUid: zhang

            """
        let plan = plan(entry("zhang", uid: 5001) + entry("li", uid: 5002) + group)
        #expect(plan.groupItems.map(\.group.members.count) == [2])
    }

    @Test func whatIsNotKeptIsCounted() {
        let text =
            entry("zhang", uid: 5001, "carLicense: A", "carLicense: B", "entryUUID: x", "x-site: y")
            + entry("li", uid: 5002, "carLicense: C")
            + "dn: cn=a,dc=site\nobjectClass: top\nobjectClass: account\nuid: a\n\n"
            + "dn: ou=People,dc=site\nobjectClass: organizationalUnit\nou: People\n\n" + "ref: ldap://other/dc=site\n\n"
        let plan = plan(text)
        #expect(
            plan.diagnostics.map(\.message) == [
                "carLicense: not kept; values in the file: 3, the first one here; roster attribute declare keeps them",
                "x-site: not kept; values in the file: 1, the first one here; roster attribute declare keeps them",
                "an entry of class account is neither a user nor a group: not kept; such entries in the file: 1, the first one here",
                "a reference to another server: what is there is not in the file; references: 1",
            ])
    }

    @Test func blanksAtTheEndOfALineAreNoPartOfAValue() throws {
        let plan = plan(
            entry("zhang", uid: 5001).replacing("posixAccount", with: "posixAccount ").replacing(
                "uid: zhang", with: "uid: zhang  "))
        #expect(try user(plan, "zhang").uidNumber == 5001)
        #expect(
            plan.diagnostics.map(\.message) == [
                "blanks at the end of a value are passed over; such values: 2, the first one here"
            ])
    }

    @Test func spreadsheetsSeparateCellsInTheirOwnWays() {
        for text in [
            "username;uid_number\nzhang;5001\n", "sep=;\r\nusername;uid_number\r\nzhang;5001\r\n",
            "username\tuid_number\nzhang\t5001\n", "username,uid_number\nzhang,5001\n,\n,\n",
        ] {
            let file = ImportReader.read(Array(text.utf8), format: .csv)
            #expect(
                file.faults.isEmpty && file.records.map(\.username) == ["zhang"]
                    && file.records.map(\.uidNumber) == ["5001"], "\(text)")
        }
    }

    @Test func theShellOfAFewIsNobodysDefault() throws {
        let text =
            "cluster_id,username,uid_number,gid_number,login_shell\nhpc-qig9xu97,zhang,5001,3000,\nhpc-qig9xu97,svc,5002,3000,/sbin/nologin\n"
        var planner = ImportPlanner(
            ImportReader.read(Array(text.utf8), format: .csv), options: ImportOptions(zone: Fixtures.zone))
        let plan = planner.plan(basis: ImportBasis(revision: .none), now: Fixtures.time)
        #expect(plan.items.map(\.user.loginShell) == ["/bin/bash", "/sbin/nologin"])
    }
}
