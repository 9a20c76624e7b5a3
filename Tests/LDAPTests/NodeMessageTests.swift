import NIOCore
import NIOTestUtils
import RosterDirectory
import RosterModel
import RosterSnapshot
import Testing

@testable import RosterLDAP

/// What nslcd, SSSD, `ldappasswd` and ldap3 really send is read as what they mean.
@Suite(.timeLimit(.minutes(5))) struct NodeMessageTests {
    private let site = "ou=hpc-qig9xu97,dc=ehpccloud,dc=com"
    private let entry = "uid=wangzhang2,ou=People,ou=hpc-qig9xu97,dc=ehpccloud,dc=com"

    private func read(_ hex: String) throws -> LDAPMessage {
        var decoder = MessageDecoder()
        var buffer = ByteBuffer(bytes: Captured.bytes(hex))
        return try #require(try decoder.decode(buffer: &buffer))
    }

    private func search(_ hex: String) throws -> SearchRequest {
        guard case .search(let search) = try read(hex).request else { throw NoSuchRequestError() }
        return search
    }

    private func change(_ hex: String) throws -> PasswordModifyRequest {
        guard case .extended(let request) = try read(hex).request, request.name == ExtendedRequest.modifyPassword
        else { throw NoSuchRequestError() }
        return try PasswordModifyRequest(request.value)
    }

    private struct NoSuchRequestError: Error {}

    private func text(_ bytes: ArraySlice<UInt8>?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    @Test func nslcdAsksForUsersAndGroups() throws {
        let user = try search(Captured.userOfNslcd)
        #expect(text(user.base) == "ou=People,\(site)")
        #expect(user.scope == .subtree)
        #expect(
            user.filter
                == .and([.equality(.init("objectClass", "posixAccount")), .equality(.init("uid", "wangzhang2"))]))
        #expect(
            try search(Captured.userByNumberOfNslcd).filter
                == .and([.equality(.init("objectClass", "posixAccount")), .equality(.init("uidNumber", "42005"))]))
        #expect(
            try search(Captured.groupOfNslcd).filter
                == .and([.equality(.init("objectClass", "posixGroup")), .equality(.init("gidNumber", "41500"))]))
        let control = try #require(try read(Captured.groupOfNslcd).controls.first)
        #expect(control.type == "1.3.6.1.4.1.4203.666.5.16")
        #expect(!control.isCritical)
        #expect(
            try search(Captured.groupsOfMemberOfNslcd).filter
                == .and([
                    .equality(.init("objectClass", "posixGroup")),
                    .or([.equality(.init("memberUid", "wangzhang2")), .equality(.init("member", entry))]),
                ]))
    }

    @Test func nslcdBindsAsTheUserAndLooksAtItsEntry() throws {
        let bind = try read(Captured.bindOfNslcd)
        #expect(bind.request == .bind(BindRequest(name: entry, password: "Clear-Text-2021")))
        #expect(bind.controls.map(\.isCritical) == [false])
        #expect(try search(Captured.ownEntryOfNslcd).scope == .base)
        guard case .abandon = try read(Captured.abandonOfNslcd).request else {
            Issue.record("no abandon")
            return
        }
    }

    @Test func sssdAsksForUsersAndGroups() throws {
        let root = try search(Captured.rootOfSSSD)
        #expect(root.base.isEmpty)
        #expect(root.scope == .base)
        #expect(
            try search(Captured.userOfSSSD).filter
                == .and([
                    .equality(.init("uid", "wangzhang2")), .equality(.init("objectclass", "posixAccount")),
                    .present(Array("uid".utf8)[...]),
                    .and([.present(Array("uidNumber".utf8)[...]), .not(.equality(.init("uidNumber", "0")))]),
                ]))
        #expect(
            try search(Captured.groupsOfMemberOfSSSD).filter
                == .and([
                    .equality(.init("memberuid", "wangzhang2")), .equality(.init("objectClass", "posixGroup")),
                    .present(Array("cn".utf8)[...]),
                    .and([.present(Array("gidNumber".utf8)[...]), .not(.equality(.init("gidNumber", "0")))]),
                ]))
        let control = try #require(try read(Captured.groupsOfMemberOfSSSD).controls.first)
        #expect(try PagedResults(control.value) == PagedResults(size: 1000))
    }

    @Test func eachChangesPasswordsInItsOwnWay() throws {
        // The bind has shown the old one.
        let nslcd = try change(Captured.modifyPasswordOfNslcd)
        #expect(text(nslcd.identity) == entry)
        #expect(nslcd.old == nil)
        #expect(text(nslcd.new?.bytes) == "Newhorse1!abc")
        let sssd = try change(Captured.modifyPasswordOfSSSD)
        #expect(text(sssd.identity) == entry)
        #expect(text(sssd.old?.bytes) == "Clear-Text-2021")
        #expect(text(sssd.new?.bytes) == "Newhorse1!abc")
        let made = try change(Captured.makePassword)
        #expect(made.identity == nil && made.old == nil && made.new == nil)
        let ldap3 = try change(Captured.modifyPasswordOfLDAP3)
        #expect(text(ldap3.old?.bytes) == "Correct1Horse")
        #expect(text(ldap3.new?.bytes) == "Battery2Staple")
        let madeForLDAP3 = try change(Captured.makePasswordOfLDAP3)
        #expect(madeForLDAP3.identity != nil && madeForLDAP3.old == nil && madeForLDAP3.new == nil)
        // Then nslcd notes the day itself, which Roster does not let it.
        #expect(try read(Captured.modifyOfNslcd).request == .write(.modify))
    }

    @Test func bytesAreReadHoweverTheyArrive() throws {
        let pairs = try Captured.ofNodes.map { hex in
            (ByteBuffer(bytes: Captured.bytes(hex)), [try read(hex)])
        }
        try ByteToMessageDecoderVerifier.verifyDecoder(inputOutputPairs: pairs) { MessageDecoder() }
    }
}
