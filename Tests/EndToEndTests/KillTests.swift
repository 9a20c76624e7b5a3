import Foundation
import RosterCredentials
import RosterModel
import RosterSQLite
import RosterStore
import Testing

/// `kill -9` at any moment loses no acknowledged write and leaves nothing half done.
@Suite(.serialized, .timeLimit(.minutes(5))) struct KillTests {
    private func contents(_ data: String) async throws -> DirectoryContents {
        try await store(data).load { _ in }
    }

    private func store(_ data: String) throws -> SQLiteStore {
        try SQLiteStore(path: data + "/roster.db", sealing: SealKeyFile.openOrMake(at: data + "/seal.key"))
    }

    @Test func everyKeyThatWasPrintedIsThere() async throws {
        try await Program.inFolder { folder in
            let data = folder + "/data"
            var random = SystemRandomNumberGenerator()
            var acknowledged: Set<String> = []
            var killed = 0
            // The first round makes the folder, the key and the schema, and may be killed while it does.
            for round in 0..<80 {
                let delay = Duration.milliseconds(Int.random(in: 1...60, using: &random))
                let outcome = try await Program.run(
                    ["key", "create", "--data", data, "--reader", "--json"], killAfter: round % 8 == 7 ? nil : delay)
                if outcome.wasKilled { killed += 1 }
                if let id = outcome.output.firstMatch(of: /"access_key_id":"([A-Z]{20})"/)?.1,
                    outcome.output.hasSuffix("}\n")
                {
                    acknowledged.insert(String(id))
                }
                #expect(outcome.wasKilled || outcome.status == 0, "\(outcome.errors)")
            }
            let kept = Set(try await store(data).accessKeys().map(\.id.text))
            #expect(acknowledged.isSubset(of: kept))
            #expect(killed > 0 && acknowledged.count > 0, "\(killed) killed, \(acknowledged.count) acknowledged")
            // Revisions have no gaps, and the log tells of each key: one event a revision.
            let contents = try await contents(data)
            #expect(contents.revision.number == Int64(kept.count))
            let events = try await store(data).events(after: 0, limit: 1000)
            #expect(events.map(\.sequence) == Array(1...Int64(kept.count)))
        }
    }

    @Test func anImportIsWholeOrNotAtAll() async throws {
        try await Program.inFolder { folder in
            let data = folder + "/data"
            var random = SystemRandomNumberGenerator()
            var expected = 0
            var killed = 0
            for round in 0..<24 {
                // 500 more users in a cluster of their own, so that whole imports add up to whole clusters.
                var csv = "cluster_id,username,uid_number,gid_number\n"
                for user in 1...500 { csv += "hpc-round\(round),u\(user),\(10_000 + user),10000\n" }
                let file = folder + "/\(round).csv"
                try csv.write(toFile: file, atomically: true, encoding: .utf8)
                let delay = Duration.milliseconds(Int.random(in: 1...250, using: &random))
                let outcome = try await Program.run(
                    ["import", "--data", data, "--zone", "zone1", file], killAfter: round % 6 == 5 ? nil : delay)
                if outcome.wasKilled { killed += 1 }
                if outcome.output.contains("imported as revision") { expected += 1 }
            }
            let contents = try await contents(data)
            let sizes = Dictionary(grouping: contents.users, by: \.cluster).mapValues(\.count)
            #expect(sizes.values.allSatisfy { $0 == 500 }, "\(sizes)")
            #expect(contents.clusters.count == sizes.count)
            #expect(sizes.count >= expected, "\(expected) imports were acknowledged, \(sizes.count) are there")
            #expect(contents.revision.number == Int64(sizes.count))
            #expect(killed > 0, "none was killed")
        }
    }
}
