import RosterImport
import RosterModel
import RosterStore
import RosterTesting
import Testing

/// A large file is judged in parts by several cores; what comes of it is what one would have judged.
@Suite struct LargePlanTests {
    private static let clusters = (0..<30).map { "hpc-cluster\($0)" }

    /// 60,000 records in the order that `cluster` gives them; some are refused, some say what has to be remarked.
    private func file(cluster: (Int) -> String) -> ImportFile {
        var file = ImportFile()
        for number in 0..<60_000 {
            var record = ImportRecord(line: number + 2, username: "u\(number)")
            record.cluster = cluster(number)
            record.uidNumber = String(10_000 + number)
            record.gidNumber = "10000"
            record.loginShell = number % 7 == 0 ? "/bin/zsh" : nil
            switch number {
            case 20_011, 59_999: record.uidNumber = "0"
            case 15_000: record.username = "a:b"
            case 100, 40_000: record.password = .unsupported(scheme: "{MD5}")
            case 200, 50_000: record.password = .clear("Correct1Horse2")
            default: break
            }
            file.records.append(record)
        }
        return file
    }

    private func plan(_ file: ImportFile) -> ImportPlan {
        var planner = ImportPlanner(file, options: ImportOptions(zone: Fixtures.zone))
        return planner.plan(basis: ImportBasis(revision: Revision(7)), now: Fixtures.time)
    }

    private func check(_ plan: ImportPlan, of file: ImportFile) {
        #expect(plan.revision == Revision(7))
        #expect(plan.faults.map(\.line) == [15_002, 20_013, 60_001])
        #expect(plan.diagnostics.map(\.line) == [102, 40_002])
        #expect(plan.clearPasswords.map(\.record) == [200, 50_000])
        for password in plan.clearPasswords {
            #expect(plan.item(password.item).user.username.text == "u\(password.record)")
        }
        let judged = file.records.filter { record in !plan.faults.contains { $0.line == record.line } }
        #expect(plan.items.map(\.line) == judged.map(\.line))
        #expect(plan.items.map(\.user.username.text) == judged.map(\.username))
        #expect(plan.items.map(\.user.cluster.text) == judged.map(\.cluster))
        #expect(plan.items.allSatisfy { $0.verdict == .new })
        #expect(plan.newClusters.map(\.id.text) == Self.clusters.sorted())
        #expect(plan.newGroups.map(\.cluster) == plan.newClusters.map(\.id))
        #expect(plan.newClusters.allSatisfy { $0.loginShell == "/bin/zsh" })
    }

    @Test func clustersOneAfterTheOther() {
        let file = file { Self.clusters[$0 / 2000] }
        check(plan(file), of: file)
    }

    @Test func clustersMixed() {
        let file = file { Self.clusters[$0 % 30] }
        check(plan(file), of: file)
    }

    @Test func clustersThatComeAgain() {
        // The first and the last third are of the same clusters.
        let file = file { Self.clusters[$0 < 20_000 || $0 >= 40_000 ? $0 % 20 : 20 + $0 % 10] }
        check(plan(file), of: file)
    }

    @Test func twinsAreFoundAcrossAllOfIt() {
        for twin in [1, 30_000, 59_998] {
            var file = file { Self.clusters[$0 / 2000] }
            file.records[0].hpcUserID = "hpcuser-twin"
            file.records[twin].hpcUserID = "hpcuser-twin"
            let plan = plan(file)
            #expect(
                plan.faults.first { $0.kind == .conflicting }?.message == "hpcuser_id hpcuser-twin is also in line 2")
            #expect(plan.faults.count == 4)
        }
        var file = file { Self.clusters[$0 / 2000] }
        // Names and numbers that stand twice, in one cluster only.
        file.records[58_001].username = "U58000"
        file.records[2001].username = "u1"
        file.records[1].uidNumber = "10002"
        #expect(plan(file).faults.filter { $0.kind == .conflicting }.map(\.line) == [4, 58_003])
    }
}
