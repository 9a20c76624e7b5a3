import RosterModel
import RosterSnapshot
import RosterTesting
import Testing

/// A directory that is loaded answers as one that has grown to the same: whatever order a store hands its rows over in, and
/// whether a cluster has users or none.
@Suite struct LoadingTests {
    private static let clusters = [
        Fixtures.cluster("aaaa"), Fixtures.cluster("mmmm", zone: Zone(stored: "zone2")), Fixtures.cluster("zzzz"),
    ]

    /// Every choice of clusters without users, in every order of the clusters, forwards and backwards through the users.
    @Test(arguments: 0..<8)
    func aClusterWithoutUsersIsLoadedLikeAnyOther(inhabited: Int) throws {
        // Two users of a cluster agree in what their rows are laid out by, up to the last letter.
        let users = Self.clusters.indices.filter { inhabited >> $0 & 1 == 1 }.flatMap { place in
            (1...3).map { number in
                var user = Fixtures.user(
                    "u\(number)", uid: UInt32(place * 10 + number), cluster: Self.clusters[place],
                    createTime: Fixtures.time)
                user.id = HPCUserID(stored: "hpcuser-longer00\(place)\(number % 3)")
                return user
            }
        }
        var grown = Snapshot(DirectoryContents(revision: Revision(1)), prepareKey: { _ in nil })
        var delta = Delta(from: Revision(1), to: Revision(2))
        (delta.clusters, delta.users) = (Self.clusters, users)
        grown = grown.applying(delta, prepareKey: { _ in nil })
        let wanted = try grown.answers(words: ["U"])
        #expect(lost(wanted) == [])
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            for users in [users, users.reversed()] {
                let contents = DirectoryContents(
                    revision: Revision(2), clusters: order.map { Self.clusters[$0] }, users: users)
                let loaded = Snapshot(contents, prepareKey: { _ in nil })
                #expect(differences(try loaded.answers(words: ["U"]), wanted) == [], "clusters in order \(order)")
            }
        }
    }

    /// A name that another program has put into the store, and that is no text, is one as soon as the user changes.
    @Test func bytesThatAreNoTextAreFoundAgainWhenTheirUserChanges() {
        let cluster = Self.clusters[0]
        let contents = DirectoryContents(
            revision: Revision(1), clusters: Self.clusters, users: [Fixtures.user("a", uid: 2, cluster: cluster)])
        var user = Fixtures.user("\u{FFFD}A", uid: 1, cluster: cluster)
        var texts: [UnsafeMutableBufferPointer<UInt8>] = []
        defer { for text in texts { text.deallocate() } }
        func text(_ bytes: some Collection<UInt8>) -> UserView.Text {
            let text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
            _ = text.initialize(fromContentsOf: bytes)
            texts.append(text)
            return UserView.Text(text)
        }
        contents.loaded.add(
            UserView(
                id: text(user.id.text.utf8), cluster: text(cluster.id.text.utf8), account: text(user.account.text.utf8),
                username: text([0xFF, 0x41]), nasMountPoint: text("/".utf8), homeDirectory: text("/a".utf8),
                loginShell: text("/bin/sh".utf8), gecos: text([]), password: text([]), attributes: text([]),
                uidNumber: 1, gidNumber: 1,
                role: .member, mode: nil, createTime: Fixtures.time, updateTime: Fixtures.time, state: .active,
                expires: nil, passwordTime: nil, revision: Revision(1)))
        var snapshot = Snapshot(contents, prepareKey: { _ in nil })
        for name in ["\u{FFFD}A", "b", "\u{FFFD}A", "z"] {
            user.username = Username(stored: name)
            user.state = user.state == .active ? .locked : .active
            var delta = Delta(from: snapshot.revision, to: snapshot.revision.next)
            delta.users = [user]
            snapshot = snapshot.applying(delta, prepareKey: { _ in nil })
            #expect(snapshot.user(named: name, in: cluster.id) == user)
        }
        var delta = Delta(from: snapshot.revision, to: snapshot.revision.next)
        delta.removedUsers = [.init(id: user.id, cluster: cluster.id)]
        #expect(snapshot.applying(delta, prepareKey: { _ in nil }).userCount == 1)
    }

    /// What two connections have read is put together, and each has numbered the clusters in its own way.
    @Test func halvesThatWereReadApartBecomeOne() throws {
        let users = Self.clusters.indices.flatMap { place in
            (1...4).map { Fixtures.user("u\($0)", uid: UInt32(place * 10 + $0), cluster: Self.clusters[place]) }
        }
        let wanted = try Snapshot(
            DirectoryContents(revision: Revision(1), clusters: Self.clusters, users: users), prepareKey: { _ in nil }
        ).answers()
        for cut in 0...users.count {
            let contents = DirectoryContents(
                revision: Revision(1), clusters: Self.clusters.reversed(), users: Array(users[..<cut]))
            contents.loaded.merge(UserArena(users[cut...].reversed()))
            #expect(
                differences(try Snapshot(contents, prepareKey: { _ in nil }).answers(), wanted) == [], "cut at \(cut)")
        }
    }
}
