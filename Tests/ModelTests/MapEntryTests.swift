import RosterModel
import Testing

@Suite struct MapEntryTests {
    private let cluster = ClusterID(stored: "hpc-a0000000")
    private let time = Timestamp(seconds: 1_629_191_560)

    private func entry(
        _ kind: MapEntry.Kind, _ place: String, _ values: [MapAttribute: [String]] = [:]
    ) throws(RosterError) -> MapEntry {
        var attributes = MapAttributes()
        for (attribute, list) in values { attributes[attribute] = list }
        return try MapEntry(
            cluster: cluster, kind: kind, place: try MapPlace(text: place), attributes: attributes, time: time)
    }

    @Test func theNameIsAValueAndDoubleValuesAreOne() throws {
        let role = try entry(
            .sudoRole, "cn=admins,ou=sudoers", [.sudoUser: ["%wheel", "%wheel", "zhang"], .sudoHost: ["ALL"]])
        #expect(role.attributes[.commonName] == ["admins"])
        #expect(role.attributes[.sudoUser] == ["%wheel", "zhang"])
        // It is the same value in another case.
        #expect(try entry(.sudoRole, "cn=Admins", [.commonName: ["admins"]]).attributes[.commonName] == ["admins"])
    }

    @Test func theTextGivesTheAttributesBack() throws {
        let entry = try entry(
            .automount, "automountKey=/,automountMapName=auto.home",
            [.automountInformation: ["-fstype=nfs4 server:/home/&"], .description: [": odd", "<odd", "伟 "]])
        #expect(entry.attributes.text.contains("automountInformation: -fstype=nfs4 server:/home/&\n"))
        #expect(MapAttributes(text: entry.attributes.text) == entry.attributes)
        #expect(MapPlace(stored: entry.place.text) == entry.place)
        #expect(MapAttributes(text: "unknown: a\ncn\ncn:: =\n").present == [])
    }

    @Test func aPlaceIsTheSameInEverySpelling() throws {
        let place = try MapPlace(text: "cn=role,ou=SUDOers")
        #expect(try MapPlace(text: "CN = Role , OrganizationalUnitName=sudoers").key == place.key)
        #expect(place.text == "cn=role,ou=SUDOers")
        #expect(place.parent?.text == "ou=SUDOers")
        #expect(place.parent?.parent == nil)
        // Keys of automount maps are paths, in which case counts.
        #expect(try MapPlace(text: "automountKey=Data").key != MapPlace(text: "automountKey=data").key)
        let comma = try MapPlace(text: "cn=a\\,ou\\=b,ou=c")
        #expect(MapPlace(stored: comma.text) == comma)
        #expect(try comma.key != MapPlace(text: "cn=a,ou=b,ou=c").key)
    }

    @Test func whatIsBelowFollowsInTheOrderOfKeys() throws {
        let texts = ["ou=a", "cn=x,ou=a", "cn=y,cn=x,ou=a", "ou=a b", "ou=a!", "cn=z,ou=a!", "ou=ab"]
        let keys = try texts.map { try MapPlace(text: $0).key }
        #expect(keys.sorted() == keys)
        #expect(
            keys[1].isBelow(keys[0]) && keys[2].isBelow(keys[0]) && !keys[3].isBelow(keys[0])
                && !keys[0].isBelow(keys[0]))
    }

    @Test(arguments: [
        "", "cn", "cn=", "cn=a,", "ou=People", "cn=a,ou=people", "ou= GROUP ", "uid=a", "cn=a+ou=b", "cn=a\\0Ab",
        "cn=\\00", "cn=a,cn=a,cn=a,cn=a,cn=a,cn=a,cn=a,cn=a,cn=a", "cn=\(String(repeating: "a", count: 256))",
    ])
    func aPlaceThatIsNoneIsRefused(text: String) {
        #expect(throws: RosterError.self) { try MapPlace(text: text) }
    }

    @Test func valuesThatAreNoneAreRefused() throws {
        let bad: [(MapEntry.Kind, [MapAttribute: [String]])] = [
            (.sudoRole, [.automountKey: ["a"]]), (.sudoRole, [.sudoUser: [""]]), (.sudoRole, [.sudoUser: ["a\nb"]]),
            (.sudoRole, [.sudoCommand: ["/bin/\u{1B}[2J"]]), (.sudoRole, [.sudoHost: ["hôte"]]),
            (.sudoRole, [.sudoOrder: ["1x"]]), (.sudoRole, [.sudoOrder: ["99999999999"]]),
            (.sudoRole, [.sudoOrder: ["+1"]]), (.sudoRole, [.sudoNotAfter: ["tomorrow"]]),
            (.sudoRole, [.sudoUser: [String(repeating: "a", count: 4097)]]),
            (.automountMap, [:]), (.automount, [.automountKey: ["a"]]), (.organizationalUnit, [:]),
            (.nisNetgroup, [.nisNetgroupTriple: (0...MapEntry.maximumValues).map { "(n\($0),,)" }]),
            (.nisNetgroup, [.nisNetgroupTriple: (0..<300).map { "\($0)" + String(repeating: "a", count: 4000) }]),
        ]
        for (kind, values) in bad {
            #expect(throws: RosterError.self, "\(kind)") { try entry(kind, "cn=a", values) }
        }
        #expect(throws: RosterError.self) {
            try entry(.automount, "automountKey=a", [.automountKey: ["b"], .automountInformation: ["c"]])
        }
        #expect(try entry(.sudoRole, "cn=a", [.sudoOrder: ["-1"], .sudoNotAfter: ["2026013112Z"]]).kind == .sudoRole)
    }
}
