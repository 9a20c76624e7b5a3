import Roster
import RosterTesting
import Testing

/// A directory that is loaded answers as one that has grown to the same: whatever order a store hands its rows over in, and
/// whether a cluster has users or none.
@Suite struct LoadingTests {
    private static let clusters = [
        MadeUp.cluster("aaaa"), MadeUp.cluster("mmmm", zone: Zone(stored: "zone2")), MadeUp.cluster("zzzz"),
    ]

    /// Every choice of clusters without users, in every order of the clusters, forwards and backwards through the users.
    @Test(arguments: 0..<8)
    func aClusterWithoutUsersIsLoadedLikeAnyOther(inhabited: Int) throws {
        // Two users of a cluster agree in what their rows are laid out by, up to the last letter.
        let users = Self.clusters.indices.filter { inhabited >> $0 & 1 == 1 }.flatMap { place in
            (1...3).map { number in
                var user = MadeUp.user(
                    "u\(number)", uid: UInt32(place * 10 + number), cluster: Self.clusters[place],
                    createTime: MadeUp.time)
                user.id = HPCUserID(stored: "hpcuser-longer00\(place)\(number % 3)")
                return user
            }
        }
        var grown = Snapshot(DirectoryImage(revision: Revision(1)), prepareKey: { _ in nil })
        var delta = Delta(from: Revision(1), to: Revision(2))
        (delta.clusters, delta.users) = (Self.clusters, users)
        grown = grown.applying(delta, prepareKey: { _ in nil })
        let wanted = try grown.answers(words: ["U"])
        #expect(lost(wanted) == [])
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            for users in [users, users.reversed()] {
                let image = DirectoryImage(
                    revision: Revision(2), clusters: order.map { Self.clusters[$0] }, users: users)
                let loaded = Snapshot(image, prepareKey: { _ in nil })
                #expect(differences(try loaded.answers(words: ["U"]), wanted) == [], "clusters in order \(order)")
            }
        }
    }

    /// What two connections have read is put together, and each has numbered the clusters in its own way.
    @Test func halvesThatWereReadApartBecomeOne() throws {
        let users = Self.clusters.indices.flatMap { place in
            (1...4).map { MadeUp.user("u\($0)", uid: UInt32(place * 10 + $0), cluster: Self.clusters[place]) }
        }
        let wanted = try Snapshot(
            DirectoryImage(revision: Revision(1), clusters: Self.clusters, users: users), prepareKey: { _ in nil }
        ).answers()
        for cut in 0...users.count {
            let image = DirectoryImage(
                revision: Revision(1), clusters: Self.clusters.reversed(), users: Array(users[..<cut]))
            image.loaded.take(LoadedUsers(users[cut...].reversed()))
            #expect(differences(try Snapshot(image, prepareKey: { _ in nil }).answers(), wanted) == [], "cut at \(cut)")
        }
    }
}
