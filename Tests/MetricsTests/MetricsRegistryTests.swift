import CoreMetrics
import RosterMetrics
import Testing

@Suite struct MetricsRegistryTests {
    @Test func everyMetricIsDescribedOnce() {
        let names = MetricDescription.all.map(\.name)
        #expect(Set(names).count == names.count)
        for metric in MetricDescription.all {
            #expect(metric.help.hasSuffix(".") && !metric.help.contains("\n"))
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
        }
    }

    @Test func countersOfTheSameLabelsAreOne() {
        let registry = MetricsRegistry()
        for _ in 0..<2 {
            Counter(label: "roster_commits_total", dimensions: [("result", "done")], factory: registry).increment(by: 2)
        }
        #expect(
            registry.text == """
                # HELP roster_commits_total Commits by result: done, outdated (planned again), refused, failed.
                # TYPE roster_commits_total counter
                roster_commits_total{result="done"} 4

                """)
    }

    @Test func anUnknownMetricIsLeftOut() {
        let registry = MetricsRegistry()
        Counter(label: "nobody_knows_it", factory: registry).increment()
        Timer(label: "nobody_knows_it", factory: registry).recordNanoseconds(1)
        #expect(registry.text == "")
    }

    @Test func timesAreCountedByTheirBounds() {
        let registry = MetricsRegistry()
        let timer = Timer(label: "roster_commit_seconds", factory: registry)
        for nanoseconds in [0, 25_000, 25_001, 10_000_000_000, 10_000_000_001] as [Int64] {
            timer.recordNanoseconds(nanoseconds)
        }
        let lines = registry.text.split(separator: "\n").map(String.init)
        #expect(lines.contains("roster_commit_seconds_bucket{le=\"2.5e-05\"} 2"))
        #expect(lines.contains("roster_commit_seconds_bucket{le=\"0.0001\"} 3"))
        #expect(lines.contains("roster_commit_seconds_bucket{le=\"10\"} 4"))
        #expect(lines.contains("roster_commit_seconds_bucket{le=\"+Inf\"} 5"))
        #expect(lines.contains("roster_commit_seconds_count 5"))
        #expect(lines.last == "roster_commit_seconds_count 5")
    }

    @Test func valuesOfLabelsAreEscaped() {
        var text = MetricsText()
        text.add("roster_users", labels: [("zone", "a\"b\\c\nd"), ("state", "active")], value: 1.5)
        #expect(text.text.hasSuffix("roster_users{zone=\"a\\\"b\\\\c\\nd\",state=\"active\"} 1.5\n"))
    }

    @Test func collectorsAreAskedEachTime() {
        let registry = MetricsRegistry()
        registry.collect { $0.add("roster_ready", 1) }
        registry.collect { ProcessMetrics.write(to: &$0) }
        #expect(registry.text.contains("\nroster_ready 1\n"))
        #expect(registry.text.contains("\nprocess_resident_memory_bytes "))
        #expect(registry.text.contains("\nprocess_open_fds "))
    }
}
