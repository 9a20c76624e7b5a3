import Foundation
import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

/// Whatever a site has lived through, a server that starts anew answers as one that has followed every change.
@Suite(.timeLimit(.minutes(5))) struct HistoryTests {
    /// How many histories a run tries; `ROSTER_HISTORIES` asks for more of them.
    private static let seeds =
        1...max(1, ProcessInfo.processInfo.environment["ROSTER_HISTORIES"].flatMap(UInt64.init) ?? 14)
    private static let changes = 30

    /// One in a hundred takes as long as all others together.
    private static func isLarge(_ seed: UInt64) -> Bool { seed % 100 == 15 }

    @Test(arguments: Kind.allCases)
    func aServerThatStartsAnewAnswersAsOneThatHasFollowed(kind: Kind) async throws {
        for seed in Self.seeds {
            try await withStore(kind) { store in
                try await follow(
                    RandomHistory(seed: seed, isLarge: Self.isLarge(seed)), in: store,
                    random: SeededGenerator(seed: ~seed))
            }
        }
    }

    /// Four readers of one store: one takes each change, one several at once, one starts anew now and then, and one starts at
    /// the moment of the comparison.
    private func follow(
        _ history: RandomHistory, in store: any DirectoryStore, random: SeededGenerator
    ) async throws {
        var (history, random) = (history, random)
        var each = try await loaded(store)
        var (late, restarted) = (each, each)
        for number in 1...Self.changes {
            let revision = try await store.commit(history.next())
            #expect(revision == each.revision.next)
            each = try await caughtUp(each, with: store)
            if Int.random(in: 0..<5, using: &random) == 0 { late = try await caughtUp(late, with: store) }
            let startsAnew = Int.random(in: 0..<5, using: &random) == 0
            restarted = try await startsAnew ? loaded(store) : caughtUp(restarted, with: store)
            guard number == Self.changes || Int.random(in: 0..<10, using: &random) == 0 else { continue }
            late = try await caughtUp(late, with: store)
            let (words, keys) = (RandomHistory.words, history.keyIDs)
            let wanted = try each.answers(words: words, keys: keys)
            #expect(lost(wanted) == [])
            #expect(differences(try late.answers(words: words, keys: keys), wanted) == [], "\(history), late")
            #expect(differences(try restarted.answers(words: words, keys: keys), wanted) == [], "\(history), restarted")
            let contents = try await store.load { _ in }
            for contents in [contents, shuffled(contents, using: &random)] {
                let anew = try Snapshot(contents, prepareKey: prepare).answers(words: words, keys: keys)
                #expect(differences(anew, wanted) == [], "\(history), change \(number)")
            }
        }
    }

    /// The same rows in another order: a store hands them over in any.
    private func shuffled(_ contents: DirectoryContents, using random: inout SeededGenerator) -> DirectoryContents {
        var other = DirectoryContents(
            revision: contents.revision, clusters: contents.clusters.shuffled(using: &random),
            groups: contents.groups.shuffled(using: &random),
            mapEntries: contents.mapEntries.shuffled(using: &random), users: contents.users.shuffled(using: &random),
            keys: contents.keys.shuffled(using: &random))
        other.timelineID = contents.timelineID
        return other
    }

    private func loaded(_ store: any DirectoryStore) async throws -> Snapshot {
        Snapshot(try await store.load { _ in }, prepareKey: prepare)
    }

    private func caughtUp(_ snapshot: Snapshot, with store: any DirectoryStore) async throws -> Snapshot {
        let delta = try #require(try await store.changes(since: snapshot.revision))
        return snapshot.applying(delta, prepareKey: prepare)
    }

    private func prepare(_ key: AccessKey) -> (any SignatureVerifier)? {
        PlaintextSealing().prepare(secret: key.secret.bytes)
    }
}
