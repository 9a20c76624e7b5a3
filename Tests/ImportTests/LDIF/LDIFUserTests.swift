import RosterImport
import RosterModel
import Testing

/// What an entry means.
@Suite struct LDIFUserTests {
    /// The entry of a user with more lines, in the vendor's layout.
    static func user(dn: String = "cn=anna,ou=People,dc=ehpccloud,dc=com", _ more: String...) -> ImportFile {
        read("dn: \(dn)\nobjectClass: POSIXACCOUNT\n" + more.map { $0 + "\n" }.joined(), as: .ldif)
    }

    @Test func readsTheVendorsEntryFromSlapcat() {
        let text = lines(
            "dn: cn=anna,ou=People,ou=hpc-qig9xu97,dc=ehpccloud,dc=com", "objectClass: posixAccount",
            "objectClass: inetOrgPerson", "objectClass: shadowAccount", "uid: anna", "cn: anna", "sn: anna",
            "uidNumber: 2000", "gidNumber: 2001", "homeDirectory: /home/anna", "loginShell: /bin/bash", "gecos: Anna A",
            "userPassword:: c2VjcmV0", "description: 2021-08-17 09:12:40", "structuralObjectClass: inetOrgPerson",
            "entryUUID: 1b4e28ba-2fa1-11d2-883f-0016d3cca427", "creatorsName: cn=admin,dc=ehpccloud,dc=com",
            "createTimestamp: 20210817011241Z", "entryCSN: 20210817011241.000000Z#000000#000#000000",
            "modifiersName: cn=admin,dc=ehpccloud,dc=com", "modifyTimestamp: 20210818011241Z")
        var reader = LDIFReader(Array(text.utf8), localTime: LocalTime { _ in 8 * 3600 })
        let file = reader.read { _ in }
        var anna = ImportRecord(line: 1, username: "anna")
        anna.cluster = "hpc-qig9xu97"
        anna.uidNumber = "2000"
        anna.gidNumber = "2001"
        anna.createTime = "2021-08-17T01:12:40Z"
        anna.updateTime = "2021-08-18T01:12:41Z"
        anna.homeDirectory = "/home/anna"
        anna.loginShell = "/bin/bash"
        anna.gecos = "Anna A"
        anna.password = .clear("secret")
        #expect(file.records == [anna])
        #expect(file.faults.isEmpty)
    }

    private static let takesTheNameCases: [([String], String)] = [
        (["uid: anna", "cn: Anna A"], "anna"),
        (["cn: anna"], "anna"),
        (["userid: anna", "commonName: Anna A"], "anna"),
        (["uid: x", "uid: ANNA", "cn: y"], "ANNA"),
        (["uid: x", "uid: y"], "x"),
        (["cn: x", "cn: anna"], "anna"),
        (["uid;lang-en: x", "uid: y"], "y"),
        (["uid;lang-en: x", "cn: y"], "x"),
        ([], ""),
    ]

    @Test(arguments: takesTheNameCases)
    func takesTheName(lines: [String], username: String) {
        #expect(
            read("dn: cn=anna,dc=x\nobjectClass: posixAccount\n" + lines.map { $0 + "\n" }.joined(), as: .ldif)
                .usernames == [username])
    }

    private static let takesTheClusterFromTheDNCases: [(String, String?)] = [
        ("cn=a,ou=People,ou=hpc-qig9xu97,dc=x", "hpc-qig9xu97"),
        ("uid=a,OU=people , ou = ehpc-1,dc=x", "ehpc-1"),
        ("cn=a,ou=staff,ou=People,ou=site,organizationalUnitName=hpc-a,ou=hpc-b,dc=x", "hpc-a"),
        ("cn=a,ou=Peopl\\65,ou=hpc\\2Da,dc=x", "hpc-a"),
        ("cn=a\\,ou=hpc-a,ou=People,dc=x", nil),
        ("cn=a,ou=hpc-a,ou=People,dc=x", nil),
        ("cn=a,ou=hpc-a,dc=x", nil),
        ("cn=a,ou=People,cn=hpc-a,dc=x", nil),
        ("cn=a,ou=People,ou=hpc-not_one,dc=x", nil),
        ("cn=a", nil),
    ]

    @Test(arguments: takesTheClusterFromTheDNCases)
    func takesTheClusterFromTheDN(dn: String, cluster: String?) {
        let file = Self.user(dn: dn, "uid: a")
        #expect(file.faults.isEmpty)
        #expect(file.records.map(\.cluster) == [cluster])
    }

    @Test func tellsNeighboursInDifferentBranchesApart() {
        let names = ["hpc-a", "hpc-a", "hpc-b", "hpc-a"]
        let text = names.map { "dn: cn=x,ou=People,ou=\($0),dc=x\nobjectClass: posixAccount\n\n" }.joined()
        #expect(read(text, as: .ldif).records.map(\.cluster) == names)
    }

    @Test func takesValuesWithOptionsOnlyWhereThereIsNoOther() {
        let file = Self.user("gecos;lang-en: E", "gecos;lang-zh: Z", "loginShell;x: /a", "loginShell: /b")
        #expect(file.records.first?.gecos == "E")
        #expect(file.records.first?.loginShell == "/b")
        #expect(file.faults.isEmpty)
    }

    @Test func takesTheSameValueTwice() {
        #expect(Self.user("uidNumber: 1", "uidNumber:: MQ==").records.first?.uidNumber == "1")
    }

    @Test func listsEveryFaultOfAnEntryInTheOrderOfLines() {
        let file = Self.user("gecos: a", "uidNumber: 1", "gecos: b", "uidNumber: 2")
        #expect(file.faults.map(\.line) == [5, 6])
    }

    private static let takesTheCreationTimeCases: [([String], String?)] = [
        (["description: 2021-08-17 09:12:40", "createTimestamp: 20200101000000Z"], "2021-08-17T08:12:40Z"),
        (["description: 2021-8-7 9:12:40"], "2021-08-07T08:12:40Z"),
        (["description: the boss", "description: 2021-08-17 09:12:40"], "2021-08-17T08:12:40Z"),
        (["description: 2021-02-30 09:12:40", "createTimestamp: 20200101000000Z"], "2020-01-01T00:00:00Z"),
        (["description: 2021-08-17", "createTimestamp: 20200101000000.25+0100"], "2019-12-31T23:00:00Z"),
        (["description: 2021-08-17"], nil),
    ]

    @Test(arguments: takesTheCreationTimeCases)
    func takesTheCreationTime(lines: [String], time: String?) {
        let text = "dn: cn=a,dc=x\nobjectClass: posixAccount\n" + lines.map { $0 + "\n" }.joined()
        var reader = LDIFReader(Array(text.utf8), localTime: LocalTime { _ in 3600 })
        #expect(reader.read { _ in }.records.map(\.createTime) == [time])
    }

    @Test func prefersAPasswordThatCanBeUsed() {
        let file = Self.user("userPassword: {CRYPT}!", "userPassword: {MD5}x", "userPassword: a", "userPassword: b")
        #expect(file.records.first?.password == .clear("a"))
        #expect(
            Self.user("userPassword: {MD5}x", "userPassword: {SHA}x").records.first?.password
                == .unsupported(scheme: "{MD5}, malformed"))
    }

    @Test func takesAPasswordThatIsNotUTF8ForNone() {
        #expect(
            Self.user("userPassword:: /w==").records.first?.password
                == .unsupported(scheme: "clear text that is not UTF-8"))
    }

    @Test func namesGroups() {
        let file = read(
            lines(
                "dn: cn=users,ou=Group,ou=hpc-a,dc=x", "objectClass: posixGroup", "cn: other", "cn: users",
                "gidNumber: 2000", "memberUid: anna", "", "dn: cn=all,ou=Groups,dc=x", "objectClass: top",
                "objectClass: PosixGroup", "cn: all", "gidNumber: 2000"), as: .ldif)
        #expect(
            file.groupNames == [
                ImportFile.GroupKey(cluster: "hpc-a", gidNumber: 2000): "users",
                ImportFile.GroupKey(cluster: nil, gidNumber: 2000): "all",
            ])
        #expect(
            file.groups == [
                .init(line: 1, cluster: "hpc-a", name: "users", gidNumber: 2000, members: ["anna"]),
                .init(line: 8, cluster: nil, name: "all", gidNumber: 2000, members: []),
            ])
        #expect(file.faults.isEmpty && file.skipped.isEmpty)
    }

    @Test func joinsTheEntriesOfOneGroup() {
        func group(_ members: String...) -> String {
            "dn: cn=a,ou=hpc-a,dc=x\nobjectClass: posixGroup\ncn: a\ngidNumber: 1\n"
                + members.map { "memberUid: \($0)\n" }.joined() + "\n"
        }
        let file = read(group("x", "y") + group("z"), as: .ldif)
        #expect(file.groups.map(\.members) == [["x", "y", "z"]])
    }

    @Test func passesOverGroupsThatItCannotUse() {
        func group(_ name: String, _ gid: String) -> String {
            "dn: cn=\(name),ou=Group,dc=x\nobjectClass: posixGroup\ncn: \(name)\ngidNumber: \(gid)\n\n"
        }
        let file = read(
            group("a", "1") + group("b", "1") + group("a", "1") + group("root", "0") + group("x", "y"), as: .ldif)
        #expect(
            file.skippedTexts == [
                "6: group 'b': gid 1 is that of group 'a'", "16: group 'root': gid '0' is that of no user",
                "21: group 'x': gid 'y' is that of no user",
            ])
        #expect(file.groupNames.count == 1)
        #expect(file.faults.isEmpty)
    }
}
