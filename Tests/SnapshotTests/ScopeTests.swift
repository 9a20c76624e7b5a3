import RosterModel
import RosterSnapshot
import RosterTesting
import Testing

@Suite struct ScopeTests {
    private let now = Fixtures.time
    private let first = Fixtures.cluster("aaaa")
    private let second = Fixtures.cluster("bbbb")

    private func snapshot(_ users: [User]) -> Snapshot {
        Snapshot(
            DirectoryContents(revision: Revision(1), clusters: [first, second], users: users), prepareKey: { _ in nil })
    }

    private func scope(_ users: [User]) throws -> Scope {
        try Authorization.scope(of: .account(AccountID(stored: "usr-me")), in: snapshot(users), at: now)
    }

    private func row(_ uid: UInt32, _ cluster: Cluster, _ role: Role) -> User {
        Fixtures.user("me\(uid)", uid: uid, cluster: cluster, account: "usr-me", role: role)
    }

    @Test func operatorsSeeEverythingWithoutARow() throws {
        #expect(try Authorization.scope(of: .operator(AccountID(stored: "usr-x")), in: snapshot([]), at: now) == .all)
    }

    @Test func readersSeeTheirCluster() throws {
        #expect(try Authorization.scope(of: .reader(nil), in: snapshot([]), at: now) == .all)
        #expect(
            try Authorization.scope(of: .reader(first.id), in: snapshot([]), at: now) == .clusters([first.id: .all]))
    }

    @Test func aBossAnywhereSeesEverything() throws {
        #expect(try scope([row(1, first, .member), row(2, second, .boss)]) == .all)
    }

    @Test func anAdminSeesItsClusterAndItsOwnRowsElsewhere() throws {
        let expected = Scope.clusters([first.id: .all, second.id: .rows(of: AccountID(stored: "usr-me"))])
        #expect(try scope([row(1, first, .admin), row(2, second, .member), row(3, first, .member)]) == expected)
        #expect(try scope([row(3, first, .member), row(2, second, .member), row(1, first, .admin)]) == expected)
    }

    @Test func anAccountWithoutRowsIsAsUnknown() {
        let error = #expect(throws: RosterError.self) { try scope([]) }
        #expect(error == Authorization.notAuthenticated)
    }

    @Test func lockedAndExpiredRowsGiveNothing() throws {
        var locked = row(1, first, .boss)
        locked.state = .locked
        var expired = row(2, second, .admin)
        expired.expires = now
        #expect(throws: RosterError.self) { try scope([locked, expired]) }
        expired.expires = Timestamp(seconds: now.seconds + 1)
        #expect(try scope([locked, expired]) == .clusters([second.id: .all]))
    }
}
