import RosterDirectory
import RosterLDAP
import RosterModel
import RosterStore
import RosterTesting
import Testing

/// What well-known programs search for as their documentation configures them: each search finds who it should, with all the
/// attributes that it asks for. The configurations are those that the project lldap collects.
@Suite(.timeLimit(.minutes(2))) struct ClientFilterTests {
    private static let people = LDAPFixture.people
    private static let cluster = "ou=hpc-aaaa,\(LDAPFixture.base)"
    private static let groups = "ou=Group,\(cluster)"

    /// A search of a client. `{user}`, `{mail}`, `{dn}` are those of `ann`, `{staff}` and `{admins}` the names of two groups.
    struct Search: Sendable, CustomTestStringConvertible {
        let client: String
        let base: String
        let filter: String
        let attributes: [String]
        let found: Set<String>

        var testDescription: String { "\(client): \(filter)" }
    }

    private static func person(
        _ client: String, _ filter: String, _ attributes: [String] = ["uid", "mail"], finds found: Set<String> = ["ann"]
    ) -> Search { Search(client: client, base: people, filter: filter, attributes: attributes, found: found) }

    private static func group(
        _ client: String, _ filter: String, _ attributes: [String] = ["cn"],
        finds found: Set<String> = ["staff", "admins"]
    ) -> Search { Search(client: client, base: groups, filter: filter, attributes: attributes, found: found) }

    private static let staff: Set<String> = ["ann", "bob"]
    private static let everybody: Set<String> = ["ann", "bob", "eve", "zhangs", "locked", "boss", "li\\"]
    private static let everyGroup: Set<String> = ["hpc", "gpu", "staff", "admins"]

    private static let loggingIn: [Search] = [
        person("Apache", "(&(objectClass=person)(uid={user}))"),
        person("Airsonic", "(&(uid={user})(memberof={staff}))"),
        person(
            "Authelia", "(&(|(uid={user})(mail={user}))(objectClass=person))",
            ["uid", "mail", "displayName", "givenName", "sn", "memberOf"]),
        person("BookStack", "(&(uid={user}))", ["cn", "mail", "jpegPhoto", "memberof", "uid"]),
        person("Calibre-Web", "(&(objectclass=person)(uid={user}))", ["uid", "mail"]),
        person("Dell iDRAC", "(&(uid={user})(&(objectClass=person)(memberof={staff})))", ["1.1"]),
        person("Dex", "(&(objectClass=person)(uid={user}))", ["uid", "mail", "displayName", "uid"]),
        person(
            "DokuWiki", "(&(uid={user})(objectClass=person))",
            ["cn", "displayname", "mail", "givenname", "objectclass", "sn", "uid", "memberof"]),
        person("Emby", "(&(uid={user})(memberOf={staff}))", ["uid"]),
        person("Gerrit", "(uid={user})", ["displayName", "mail", "cn", "memberOf", "title"]),
        person(
            "Gitea", "(&(memberof={staff})(|(uid={mail})(mail={mail})))",
            ["uid", "givenName", "sn", "mail", "jpegPhoto", "sshPublicKey"]),
        person(
            "GitLab", "(&(uid={user})(&(objectclass=person)(memberof={staff})))",
            ["dn", "uid", "cn", "mail", "email", "userPrincipalName", "displayName", "givenName", "sn", "memberof"]),
        person("Gogs", "(&(objectClass=person)(uid={user}))", ["uid", "givenName", "sn", "mail"]),
        person("Grafana", "(&(uid={user})(memberOf={staff}))", ["memberOf", "mail", "displayName", "sn", "uid"]),
        person("HashiCorp Vault", "(&(uid={user})(objectClass=person))", ["uid"]),
        person("HedgeDoc", "(&(memberOf={staff})(uid={user}))", ["displayName", "mail", "uid"]),
        person("Jitsi Meet", "(&(uid={user})(objectClass=person))", ["mail"]),
        person("Kanboard", "(&(uid={user})(memberof={staff}))", ["uid", "cn", "mail", "memberof", "jpegPhoto"]),
        person("Kasm", "(&(objectClass=person)(uid={user})(memberof={staff}))", ["mail", "givenName", "sn"]),
        person(
            "Keycloak", "(&(uid={user})(objectclass=person))",
            ["mail", "uid", "givenName", "cn", "sn", "objectclass", "createTimestamp", "modifyTimestamp"]),
        person("Maddy", "(&(|(uid={mail})(mail={mail}))(objectClass=person))", ["dn"]),
        person("docker-mailserver", "(&(objectClass=inetOrgPerson)(mail={mail}))", ["mail", "uid", "homeDirectory"]),
        person("Mastodon", "(&(memberof={staff})(|(uid={mail})(mail={mail})))", ["uid", "mail", "cn"]),
        person(
            "Metabase", "(&(objectClass=inetOrgPerson)(|(uid={user})(mail={user}))(memberOf={staff}))",
            ["mail", "givenName", "sn"]),
        person("MinIO", "(&(objectclass=posixAccount)(uid={user}))", ["1.1"]),
        person(
            "Nextcloud", "(&(&(objectclass=person)(memberOf={staff}))(uid={user}))",
            ["entryUUID", "displayName", "mail"]),
        person("OneDev", "(&(uid={user})(objectclass=person))", ["displayName", "mail"]),
        person("PeerTube", "(|(mail={mail})(uid={mail}))", ["mail", "uid"]),
        person("Penpot", "(&(|(uid={user})(mail={user}))(memberOf={staff}))", ["cn", "mail", "jpegPhoto"]),
        person("Prosody", "(&(uid={user})(memberOf={staff})(objectclass=person))", ["uid"]),
        person("Semaphore", "(|(uid={user})(mail={user}))", ["dn", "mail", "uid", "cn"]),
        person("SonarQube", "(&(objectClass=inetOrgPerson)(uid={user})(memberof={staff}))", ["cn", "mail"]),
        person("Squid", "(&(memberOf={staff})(uid={user}))", ["1.1"]),
        person("Stalwart", "(&(|(objectClass=person)(member={staff}))(mail={mail}))", ["uid", "mail", "memberOf"]),
        person("Stalwart", "(&(objectclass=person)(|(mail={mail})(mailAlias1={mail})(mailAlias2={mail})))", ["uid"]),
        person(
            "Wiki.js", "(&(memberof={staff})(|(uid={user})(mail={user}))(objectClass=person))", ["uid", "mail", "cn"]),
        person(
            "WG Portal", "(&(objectClass=person)(|(mail={mail})(uid={mail})))",
            ["uid", "mail", "sn", "telephoneNumber"]),
        person(
            "SSSD", "(&(uid={user})(objectclass=posixAccount)(&(uidNumber=*)(!(uidNumber=0))))",
            [
                "objectClass", "uid", "uidNumber", "gidNumber", "gecos", "homeDirectory", "loginShell", "cn",
                "memberOf",
                "modifyTimestamp", "shadowMax", "authorizedService", "host", "entryUUID",
            ]),
        person("nslcd", "(&(objectClass=posixAccount)(uidNumber=*)(uid={user})(memberOf={staff}))", ["dn", "uid"]),
    ]

    private static let listing: [Search] = [
        person("Carpal", "(uid=*)", ["uid"], finds: everybody),
        person("Guacamole", "(&(objectClass=*)(memberof={staff}))", finds: staff),
        person(
            "authentik", "(objectClass=person)", ["mail", "uid", "cn", "sn", "givenName", "entryUUID"], finds: everybody
        ),
        person("Jellyfin", "(memberof={admins})", ["uid", "cn", "mail", "displayName"]),
        person("Mealie", "(&(|(uid={user})(mail={user}))(memberof={admins}))", ["uid", "cn", "mail"]),
        person("docker-mailserver", "(mail=*@example.org)", ["mail"], finds: staff),
        person("pfSense", "(&(objectClass=person)(|(memberof={staff})(memberof={admins})))", finds: staff),
        person(
            "Proxmox", "(&(objectClass=person)(|(memberof={admins})(memberof={staff})))", ["uid", "mail"], finds: staff),
        person("WG Portal", "(&(objectClass=person)(mail=*))", ["uid", "mail"], finds: staff),
        person(
            "clients of Active Directory", "(&(objectClass=person)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))",
            ["uid"], finds: everybody.subtracting(["locked"])),
        Search(
            client: "pfSense", base: cluster, filter: "(|(ou=*)(cn=Users))", attributes: ["ou"],
            found: ["hpc-aaaa", "People", "Group"]),
    ]

    private static let grouping: [Search] = [
        group("authentik", "(objectClass=groupOfUniqueNames)", ["cn", "objectClass", "entryUUID"], finds: everyGroup),
        group("Calibre-Web", "(&(objectclass=groupOfUniqueNames)(cn=staff))", ["uniqueMember"], finds: ["staff"]),
        group("Dex", "(&(objectClass=groupOfUniqueNames)(member={dn}))"),
        group("DokuWiki", "(&(member={dn})(objectClass=groupOfUniqueNames))"),
        group("Grafana", "(&(objectClass=groupOfUniqueNames)(uniqueMember={dn}))"),
        group(
            "Jenkins", "(& (cn=staff)(objectclass=groupOfNames))".replacing(" ", with: ""), ["cn", "member"],
            finds: ["staff"]),
        group("Jenkins", "(|(member={dn})(uniqueMember={dn})(memberUid={user}))", ["cn"]),
        group("Kasm", "(&(objectClass=groupOfUniqueNames)(member={dn}))", ["dn"]),
        group("Keycloak", "(&(member={dn})(objectclass=groupOfUniqueNames))", ["cn", "member"]),
        group("Kimai", "(&(&(objectClass=groupOfUniqueNames))(member={dn}))", ["cn"]),
        group("MinIO", "(&(objectclass=groupOfUniqueNames)(member={dn}))", ["1.1"]),
        group(
            "Nextcloud", "(&(|(objectclass=groupOfUniqueNames))(|(cn=admins)(cn=staff)))",
            ["cn", "uniqueMember", "entryUUID"]),
        group("Nexus", "(&(objectClass=groupOfUniqueNames)(cn=*)(member={dn}))", ["cn"]),
        group("OneDev", "(&(uniqueMember={dn})(objectclass=groupOfUniqueNames))"),
        group("PeerTube", "(member={dn})", ["cn"]),
        group("Pocket ID", "(objectClass=groupOfNames)", ["cn", "entryUUID"], finds: everyGroup),
        group("Portainer", "(objectClass=groupofuniquenames)", ["cn"], finds: everyGroup),
        group("Proxmox", "(&(objectClass=groupofuniquenames)(|(cn=admins)(cn=staff)))", ["cn", "member"]),
        group("Zulip", "(&(objectClass=GroupOfUniqueNames)(uniqueMember={dn}))", ["cn"]),
        group(
            "nslcd", "(&(objectClass=posixGroup)(|(memberUid={user})(member={dn})))", ["cn", "gidNumber", "memberUid"]),
        group(
            "SSSD", "(&(member={dn})(objectClass=posixGroup)(cn=*)(&(gidNumber=*)(!(gidNumber=0))))",
            [
                "objectClass", "cn", "gidNumber", "entryUUID",
            ]),
    ]

    private static func served() async throws -> LDAPFixture {
        let users = ["ann", "bob", "eve"].enumerated().map { place, name in
            Fixtures.user(name, uid: UInt32(21_000 + place), cluster: LDAPFixture.cluster, account: "usr-\(name)")
        }
        var (ann, bob) = (users[0], users[1])
        for (attribute, text) in [
            (.fullName, "Ann Other"), (.surname, "Other"), (.givenName, "Ann"), (.displayName, "Ann O."),
            (.mail, "ann@example.org"), (.telephoneNumber, "+1 555 0100"), (.title, "Dr."), (.shadowMax, "90"),
            (.host, "login1"), (.authorizedService, "sshd"), (.sshPublicKey, "ssh-ed25519 AAAA ann"),
        ] as [(UserAttribute, String)] { ann.attributes[attribute] = [Array(text.utf8)] }
        ann.attributes[.photo] = [[0xFF, 0xD8, 0xFF, 0]]
        ann.gecos = "Ann Other"
        bob.attributes[.mail] = [Array("bob@example.org".utf8)]
        let served = try await LDAPFixture(users: [ann, bob, users[2]])
        var change = Fixtures.change()
        for (gid, name, members) in [(15_000, "staff", [ann.id, bob.id]), (15_001, "admins", [ann.id])] {
            change.groups.append(
                Group(
                    cluster: LDAPFixture.cluster.id, name: name, gidNumber: UInt32(gid), isPrimary: false,
                    members: members))
        }
        try await served.directory.commit(change)
        return served
    }

    /// What is neither an attribute nor known: clients ask for it all the same.
    private static let pseudoAttributes: Set<String> = ["dn", "1.1", "email", "userprincipalname"]

    @Test func searchesFindWhoTheyShould() async throws {
        let connection = try await Self.served().connect()
        for search in Self.loggingIn + Self.listing + Self.grouping {
            var text = search.filter
            for (place, value) in [
                ("{user}", "ann"), ("{mail}", "ann@example.org"), ("{dn}", "uid=ann,\(Self.people)"),
                ("{staff}", "cn=staff,\(Self.groups)"), ("{admins}", "cn=admins,\(Self.groups)"),
            ] { text = text.replacing(place, with: value) }
            let filter = try #require(RequestMessage.Filter(text), "\(search.client): \(text)")
            let answers = try await connection.ask(.search(search.base, .subtree, filter, search.attributes))
            #expect(answers.last?.code == .success)
            let names = answers.compactMap { $0.name?.drop { $0 != "=" }.dropFirst().prefix { $0 != "," } }
            #expect(Set(names.map(String.init)) == search.found, "\(search.client): \(text)")
            #expect(names.count == search.found.count)
            // Who has everything shows everything that is asked for.
            let full = answers.first {
                $0.name?.hasPrefix("uid=ann,") == true || $0.name?.hasPrefix("cn=staff,") == true
            }
            guard let full else { continue }
            let wanted = Set(search.attributes.map { $0.lowercased() }).subtracting(Self.pseudoAttributes)
            #expect(Set(full.attributes.keys.map { $0.lowercased() }) == wanted, "\(search.client): \(text)")
        }
    }

    @Test func thereAreManyClients() {
        #expect(Set((Self.loggingIn + Self.listing + Self.grouping).map(\.client)).count >= 40)
    }
}
