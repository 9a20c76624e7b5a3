import RosterModel
import RosterStore
import RosterTesting
import Testing

/// What every store keeps of a removed user, so that it can be restored; run against each of them.
@Suite(.timeLimit(.minutes(5))) struct DeletionContractTests {
    private let cluster = Fixtures.cluster()

    private func user(_ name: String, uid: UInt32, password: String? = "$y$j9T$salt$hash") -> User {
        var user = Fixtures.user(name, uid: uid)
        user.password = password.map { PasswordHash(stored: $0) }
        user.passwordTime = Fixtures.time
        user.expires = Timestamp(seconds: 4_000_000_000)
        user.state = .locked
        user.attributes[.mail] = [Array("zhang@example.org".utf8)]
        return user
    }

    private func group(_ name: String, _ gid: UInt32, _ members: [User]) -> Group {
        Group(cluster: cluster.id, name: name, gidNumber: gid, isPrimary: false, members: members.map(\.id).sorted())
    }

    private func change(_ users: [User] = [], removing: [HPCUserID] = [], after seconds: Int64 = 0) -> Change {
        var change = Change(time: Timestamp(seconds: Fixtures.time.seconds + seconds))
        (change.users, change.removedUsers) = (users, removing)
        return change
    }

    private func deleted(_ name: String, _ store: any DirectoryStore, id: HPCUserID? = nil) async throws
        -> [DeletedUser]
    {
        try await store.deletedUsers(named: name, id: id, in: cluster.id, limit: 10)
    }

    @Test(arguments: Kind.allCases)
    func aRemovedUserKeepsWhatTheRemovalTook(kind: Kind) async throws {
        try await withStore(kind) { store in
            let zhang = user("Zhang", uid: 1)
            var first = Fixtures.change([cluster], [zhang, user("li", uid: 2)])
            first.groups = [group("optics", 21, [zhang]), group("lasers", 20, [zhang]), group("others", 22, [])]
            _ = try await store.commit(first)
            #expect(try await deleted("zhang", store).isEmpty)
            _ = try await store.commit(change(removing: [zhang.id], after: 10))
            var removal = change(after: 20)
            removal.removedGroups = [.init(cluster: cluster.id, gidNumber: 20)]
            _ = try await store.commit(removal)

            let found = try #require(try await deleted("zHANG", store).first)
            var expected = zhang
            expected.password = nil
            expected.revision = Revision(2)
            #expect(found.user == expected)
            #expect(found.time.seconds == Fixtures.time.seconds + 10)
            #expect(found.record?.password == zhang.password)
            #expect(found.record?.groups == [20, 21])
            #expect(found.groupNames == [20: "lasers", 21: "optics"])
            #expect(try await deleted("zhang", store, id: HPCUserID(stored: "hpcuser-other")).isEmpty)
            #expect(try await deleted("zhang", store, id: zhang.id).count == 1)
            #expect(try await deleted("li", store).isEmpty)
            let elsewhere = Fixtures.cluster("other000").id
            #expect(try await store.deletedUsers(named: "zhang", id: nil, in: elsewhere, limit: 10).isEmpty)
        }
    }

    @Test(arguments: Kind.allCases)
    func theLastRemovedIsFirst(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(Fixtures.change([cluster]))
            for uid in UInt32(1)...4 {
                let one = user("zhang", uid: uid, password: uid == 3 ? nil : "$6$\(uid)")
                _ = try await store.commit(change([one]))
                // Two of them in the same second.
                _ = try await store.commit(change(removing: [one.id], after: Int64(uid) / 2))
            }
            let found = try await deleted("zhang", store)
            #expect(found.map(\.user.uidNumber) == [4, 3, 2, 1])
            #expect(found.map(\.record?.password?.text) == ["$6$4", nil, "$6$2", "$6$1"])
            #expect(found.allSatisfy { $0.record != nil })
            #expect(try await store.deletedUsers(named: "zhang", id: nil, in: cluster.id, limit: 2).count == 2)
        }
    }

    @Test(arguments: Kind.allCases)
    func aUserThatIsWrittenAgainIsNotDeletedAnyMore(kind: Kind) async throws {
        try await withStore(kind) { store in
            let users = (UInt32(1)...3000).map { user("u\($0)", uid: $0) }
            _ = try await store.commit(Fixtures.change([cluster], users))
            _ = try await store.commit(change(removing: [users[0].id, users[1].id, users[2].id]))
            #expect(try await deleted("u1", store).count == 1)
            // Alone, and among so many that they are written in bulk.
            _ = try await store.commit(change([users[0]]))
            #expect(try await deleted("u1", store).isEmpty)
            _ = try await store.commit(change(users))
            #expect(try await deleted("u2", store).isEmpty)
            // Nothing of the first removal is left for the second.
            var poor = users[1]
            poor.password = nil
            _ = try await store.commit(change([poor]))
            _ = try await store.commit(change(removing: [poor.id]))
            let record = try #require(try await deleted("u2", store).first?.record)
            #expect(record.password == nil)
            #expect(record.groups.isEmpty)
        }
    }

    @Test(arguments: Kind.allCases)
    func aRecordIsForgottenAfter90Days(kind: Kind) async throws {
        try await withStore(kind) { store in
            let (zhang, li) = (user("zhang", uid: 1), user("li", uid: 2))
            _ = try await store.commit(Fixtures.change([cluster], [zhang, li]))
            _ = try await store.commit(change(removing: [zhang.id]))
            _ = try await store.commit(change(removing: [li.id], after: 1))
            _ = try await store.commit(change([user("wang", uid: 3)], after: DeletionRecord.keptSeconds))
            #expect(try await deleted("zhang", store).first?.record != nil)
            _ = try await store.commit(change([user("wang", uid: 3)], after: DeletionRecord.keptSeconds + 1))
            let found = try #require(try await deleted("zhang", store).first)
            #expect(found.user.uidNumber == 1)
            #expect(found.record == nil)
            #expect(found.groupNames.isEmpty)
            #expect(try await deleted("li", store).first?.record != nil)
        }
    }

    @Test(arguments: Kind.allCases)
    func aPlanThatReliesOnARemovalIsOutdatedWithoutIt(kind: Kind) async throws {
        try await withStore(kind) { store in
            let (zhang, li) = (user("zhang", uid: 1), user("li", uid: 2))
            _ = try await store.commit(Fixtures.change([cluster], [zhang, li]))
            _ = try await store.commit(change(removing: [zhang.id]))
            func restoration(of user: User, at revision: Int64) -> Change {
                var restoration = change([user])
                restoration.preconditions = Preconditions(at: Revision(revision))
                restoration.preconditions?.removedUsers = [user.id]
                return restoration
            }
            await #expect(throws: StoreError.outdated) { try await store.commit(restoration(of: zhang, at: 1)) }
            await #expect(throws: StoreError.outdated) { try await store.commit(restoration(of: li, at: 2)) }
            let never = user("never", uid: 3)
            await #expect(throws: StoreError.outdated) { try await store.commit(restoration(of: never, at: 2)) }
            _ = try await store.commit(restoration(of: zhang, at: 2))
            await #expect(throws: StoreError.outdated) { try await store.commit(restoration(of: zhang, at: 3)) }
            let back = try await store.load { _ in }.users.first { $0.id == zhang.id }
            #expect(back?.password == zhang.password)
        }
    }

    /// Changes that wait together are written together, in which case the user's new row is not in the database yet.
    @Test(arguments: Kind.allCases)
    func theLastPasswordIsKeptHoweverChangesAreBatched(kind: Kind) async throws {
        try await withStore(kind) { store in
            let users = (UInt32(1)...60).map { user("u\($0)", uid: $0, password: "$6$old") }
            var first = Fixtures.change([cluster], users)
            first.groups = [group("optics", 20, users)]
            _ = try await store.commit(first)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for user in users {
                    var changed = user
                    changed.password = PasswordHash(stored: "$6$new")
                    changed.username = Username(stored: user.username.text + "x")
                    var modification = change([changed])
                    modification.preconditions = Preconditions(at: Revision(1_000_000))
                    modification.preconditions?.users = [user.id]
                    let removal = change(removing: [user.id])
                    tasks.addTask { [modification] in
                        // Outdated if the removal was first.
                        _ = try? await store.commit(modification)
                    }
                    tasks.addTask { _ = try await store.commit(removal) }
                }
                try await tasks.waitForAll()
            }
            #expect(try await store.load { _ in }.users.isEmpty)
            for user in users {
                let before = try await deleted(user.username.text, store)
                let after = try await deleted(user.username.text + "x", store)
                #expect(before.count + after.count == 1)
                #expect(before.allSatisfy { $0.record?.password?.text == "$6$old" })
                #expect(after.allSatisfy { $0.record?.password?.text == "$6$new" })
                #expect((before + after).allSatisfy { $0.record?.groups == [20] })
            }
        }
    }
}
