import Benchmark
import Foundation
import MadeSite
import RosterModel
import RosterSnapshot

/// Small pieces of the read path, without HTTP: to see what a change of the index does. `ROSTER_BENCH_CSV` names a CSV
/// of `generate`; each benchmark loads it anew, in a process of its own.
///
///     ROSTER_BENCH_CSV=users.csv swift package --package-path Benchmarks benchmark
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput], timeUnits: .microseconds, maxDuration: .seconds(1),
        maxIterations: 100_000)

    /// A benchmark of one query on the snapshot.
    func query(_ name: String, _ make: @escaping @Sendable (MadeSite) -> UserQuery) {
        Benchmark(name) { (benchmark, ground: BenchmarkSite) in
            for _ in benchmark.scaledIterations {
                blackHole(try ground.snapshot.page(ground.query, scope: .all))
            }
        } setup: {
            let site = try BenchmarkSite.site()
            return BenchmarkSite(site: site, snapshot: site.snapshot(), query: make(site))
        }
    }

    query("page of a cluster") { UserQuery(zone: MadeSite.zone, cluster: $0.clusters[0].id) }
    query("page of a cluster, at its end") { site in
        let size = site.users.prefix { $0.cluster == site.clusters[0].id }.count
        return UserQuery(zone: MadeSite.zone, cluster: site.clusters[0].id, offset: size - 10)
    }
    query("page of a zone") { _ in UserQuery(zone: MadeSite.zone) }
    query("page of a zone, in its middle, by name") {
        UserQuery(zone: MadeSite.zone, sortKey: .username, offset: $0.users.count / 2)
    }
    query("search in a cluster: zhang") {
        UserQuery(zone: MadeSite.zone, cluster: $0.clusters[0].id, searchWord: "zhang")
    }
    for word in ["z", "zh", "zhang", "usr-", "zhuge4"] {
        query("search in a zone: \(word)") { _ in UserQuery(zone: MadeSite.zone, searchWord: word) }
    }

    Benchmark("publish one change") { (benchmark, ground: BenchmarkSite) in
        var snapshot = ground.snapshot
        var random = SeededRandom(seed: 1)
        for _ in benchmark.scaledIterations {
            let delta = ground.site.change(after: snapshot.revision, using: &random)
            benchmark.startMeasurement()
            snapshot = snapshot.applying(delta, prepareKey: { _ in nil })
            benchmark.stopMeasurement()
        }
        blackHole(snapshot.revision)
    } setup: {
        let site = try BenchmarkSite.site()
        return BenchmarkSite(site: site, snapshot: site.snapshot(), query: UserQuery(zone: MadeSite.zone))
    }
}

/// What a benchmark stands on.
private struct BenchmarkSite {
    let site: MadeSite
    let snapshot: Snapshot
    let query: UserQuery

    static func site() throws -> MadeSite {
        guard let path = ProcessInfo.processInfo.environment["ROSTER_BENCH_CSV"] else {
            fatalError("ROSTER_BENCH_CSV must name a CSV of generate")
        }
        return try MadeSite(csv: path)
    }
}
