import RosterImport
import RosterModel
import RosterStore
import RosterTesting
import Testing

/// What an import makes of sudo rules, automount maps and netgroups of an LDIF file.
@Suite struct ImportMapsTests {
    private let store = MemoryStore(chaining: PlaintextSealing())
    private let cluster = Fixtures.cluster().id

    private static let site = """
        dn: ou=SUDOers,dc=example,dc=org
        objectClass: organizationalUnit
        ou: SUDOers
        description: rules

        dn: ou=People,dc=example,dc=org
        objectClass: organizationalUnit
        ou: People

        dn: cn=ops,ou=SUDOers,dc=example,dc=org
        objectClass: top
        objectClass: sudoRole
        cn: ops
        sudoUser: %wheel
        sudoUser: zhang
        sudoHost: ALL
        sudoCommand: /bin/systemctl restart
          slurmd
        sudoOption:: IWF1dGhlbnRpY2F0ZQ==
        entryUUID: 11111111-1111-1111-1111-111111111111
        oddity: 1

        dn: automountMapName=auto.home,ou=automount,dc=example,dc=org
        objectClass: automountMap
        automountMapName: auto.home

        dn: automountKey=*,automountMapName=auto.home,ou=automount,dc=example,dc=org
        objectClass: automount
        automountKey: *
        automountInformation: -fstype=nfs4 server:/home/&

        dn: cn=nodes,ou=netgroup,dc=example,dc=org
        objectClass: nisNetgroup
        cn: nodes
        nisNetgroupTriple: (n1,-,)
        memberNisNetgroup: more

        """

    private func read(_ text: String) -> ImportFile {
        ImportReader.read(Array(text.utf8), format: .ldif, minimumUID: 1000) { _ in }
    }

    private func plan(_ text: String, base: String? = nil) async throws -> ImportPlan {
        var options = ImportOptions(zone: Fixtures.zone, cluster: cluster)
        options.mapBase = base.flatMap { DistinguishedName(Array($0.utf8)[...]) }
        var planner = ImportPlanner(read(text), options: options)
        let basis = try await store.importBasis(for: planner.clusters, ids: planner.usedIDs)
        return planner.plan(basis: basis, now: Fixtures.time)
    }

    private func bringIn(_ text: String, base: String? = nil) async throws -> (summary: String, remarks: [String]) {
        if try await store.load(progress: { _ in }).clusters.isEmpty {
            _ = try await store.commit(Fixtures.change([Fixtures.cluster()]))
        }
        let plan = try await plan(text, base: base)
        #expect(plan.faults.isEmpty)
        _ = try await store.commit(plan.change(event: Fixtures.event(), now: Fixtures.time), ifNewest: plan.revision)
        return (plan.summary, plan.diagnostics.map(\.message))
    }

    private func kept() async throws -> [String] {
        try await store.load { _ in }.mapEntries.sorted { $0.place.key < $1.place.key }.map(\.place.text)
    }

    @Test func keepsEveryEntryAndTheUnitsAboveIt() async throws {
        let (summary, remarks) = try await bringIn(Self.site)
        #expect(summary.hasSuffix("map entries: 7 new"))
        #expect(
            try await kept() == [
                "ou=automount", "automountMapName=auto.home,ou=automount",
                "automountKey=*,automountMapName=auto.home,ou=automount", "ou=netgroup", "cn=nodes,ou=netgroup",
                "ou=SUDOers", "cn=ops,ou=SUDOers",
            ])
        #expect(remarks.contains { $0.hasPrefix("oddity: not kept") })
        let entries = try await store.load { _ in }.mapEntries
        let ops = try #require(entries.first { $0.kind == .sudoRole })
        #expect(ops.attributes[.sudoCommand] == ["/bin/systemctl restart slurmd"])
        #expect(ops.attributes[.sudoOption] == ["!authenticate"])
        #expect(entries.first { $0.place.text == "ou=SUDOers" }?.attributes[.description] == ["rules"])
    }

    @Test func theSameAgainChangesNothing() async throws {
        _ = try await bringIn(Self.site)
        #expect(try await bringIn(Self.site).summary.hasSuffix("map entries: 5 unchanged"))
        let changed = Self.site.replacing("sudoUser: zhang", with: "sudoUser: li")
        #expect(try await bringIn(changed).summary.hasSuffix("map entries: 1 changed, 4 unchanged"))
        // A file without the units leaves them alone.
        let alone = "dn: cn=b,ou=sudoers,dc=example,dc=org\nobjectClass: sudoRole\ncn: b\n"
        #expect(try await bringIn(alone).summary.hasSuffix("map entries: 1 new"))
        #expect(try await kept().count == 8)
    }

    @Test func theBaseIsTakenOff() async throws {
        let entry = "objectClass: sudoRole\ncn: a\n\n"
        _ = try await bringIn("dn: cn=a,ou=sudoers,ou=\(cluster),dc=ehpccloud,dc=com\n" + entry)
        _ = try await bringIn("dn: cn=a,cn=x,ou=hpc,dc=org\n" + entry, base: "OU=HPC,dc=org")
        #expect(try await kept() == ["cn=x", "cn=a,cn=x", "ou=sudoers", "cn=a,ou=sudoers"])
        #expect(try await bringIn("dn: cn=a,dc=com\n" + entry, base: "dc=org").remarks.count == 1)
    }

    /// As an export writes it.
    @Test(arguments: [
        (base: "dc=ehpccloud,dc=com", given: nil), (base: "ou=hpc,dc=example,dc=org", given: nil),
        (base: "ou=hpc,dc=example,dc=org", given: "ou=hpc,dc=example,dc=org"), (base: "cn=hpc,ou=a,o=b", given: nil),
    ])
    func whatStandsAboveTheClusterIsTakenOff(base: String, given: String?) async throws {
        let name = "ou=\(cluster),\(base)"
        _ = try await bringIn(
            "dn: ou=sudoers,\(name)\nobjectClass: organizationalUnit\nou: sudoers\n\n"
                + "dn: cn=a,ou=sudoers,\(name)\nobjectClass: sudoRole\ncn: a\n\n", base: given)
        #expect(try await kept() == ["ou=sudoers", "cn=a,ou=sudoers"])
    }

    @Test(arguments: [
        "dn: cn=a,ou=People,dc=org\nobjectClass: sudoRole\ncn: a\n",
        "dn: cn=a,sudoUser=b,dc=org\nobjectClass: sudoRole\ncn: a\n",
        "dn: cn=a+sudoUser=b,dc=org\nobjectClass: sudoRole\ncn: a\n",
        "dn: cn=a,dc=org\nobjectClass: sudoRole\nsudoOrder: first\n",
        "dn: cn=a,dc=org\nobjectClass: sudoRole\nsudoUser:: AA==\n",
        "dn: cn=a,dc=org\nobjectClass: automount\ncn: a\n",
        "dn: dc=org\nobjectClass: sudoRole\ncn: a\n",
        "dn: cn=a,ou=hpc-other000,dc=org\nobjectClass: sudoRole\ncn: a\n",
    ])
    func whatCannotBeKeptIsLeftOutAndSaid(text: String) async throws {
        let (_, remarks) = try await bringIn(text)
        #expect(remarks.count == 1, "\(remarks)")
        #expect(try await kept() == [])
    }

    /// Beside an entry that is kept: a file with nothing to keep is refused.
    @Test(arguments: [
        "dn: cn=a,dc=org\nobjectClass: sudoRole\nsudoUser:: /w==\n", "dn: ,,,\nobjectClass: sudoRole\ncn: a\n",
    ])
    func whatCannotBeReadIsLeftOutAndSaid(text: String) async throws {
        let (_, remarks) = try await bringIn(text + "\ndn: cn=b,dc=org\nobjectClass: sudoRole\ncn: b\n")
        #expect(remarks.count == 1, "\(remarks)")
        #expect(try await kept() == ["cn=b"])
    }

    @Test func attributesOfUsersAreCounted() async throws {
        let (summary, remarks) = try await bringIn(
            "dn: cn=a,dc=org\nobjectClass: sudoRole\ncn: a\nmail: x@example.org\nmail: y@example.org\nhost: n1\n"
                + "createTimestamp: 20260101000000Z\n\n"
                + "dn: automountMapName=m,dc=org\nobjectClass: automountMap\nautomountMapName: m\ncn: other\n")
        #expect(summary.hasSuffix("map entries: 2 new"))
        #expect(
            remarks == [
                "host: not kept; values in the file: 1, the first one here",
                "mail: not kept; values in the file: 2, the first one here",
                "cn: not kept; values in the file: 1, the first one here",
            ])
    }

    @Test func aFileOfUnitsAloneHasNothingToKeep() {
        let file = read("dn: ou=People,dc=org\nobjectClass: organizationalUnit\nou: People\n")
        #expect(file.faults.map(\.message) == ["no entry of class posixAccount in the file"])
    }

    @Test func aSecondEntryOfOneNameIsLeftOut() async throws {
        let entry = "dn: cn=a,dc=org\nobjectClass: sudoRole\ncn: a\nsudoUser: x\n\n"
        let (summary, remarks) = try await bringIn(entry + entry.replacing("cn=a", with: "CN=A"))
        #expect(summary.hasSuffix("map entries: 1 new"))
        #expect(remarks == ["sudoRole A: it is also in line 1; it is left out"])
    }
}
