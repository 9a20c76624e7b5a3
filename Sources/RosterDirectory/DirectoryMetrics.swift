import CoreMetrics
import RosterStore

/// What a directory measures: how long loads, publications and commits take, and how commits end.
struct DirectoryMetrics: Sendable {
    private let loads: Timer
    private let publications: Timer
    private let commits: Timer
    private let done: Counter
    private let outdated: Counter
    private let refused: Counter
    private let failed: Counter

    init(_ factory: any MetricsFactory) {
        func counter(_ result: String) -> Counter {
            Counter(label: "roster_commits_total", dimensions: [("result", result)], factory: factory)
        }
        loads = Timer(label: "roster_load_seconds", factory: factory)
        publications = Timer(label: "roster_publish_seconds", factory: factory)
        commits = Timer(label: "roster_commit_seconds", factory: factory)
        (done, outdated, refused, failed) = (
            counter("done"), counter("outdated"), counter("refused"), counter("failed")
        )
    }

    func loaded(since start: ContinuousClock.Instant) { Self.record(loads, since: start) }
    func published(since start: ContinuousClock.Instant) { Self.record(publications, since: start) }

    func committed(since start: ContinuousClock.Instant) {
        Self.record(commits, since: start)
        done.increment()
    }

    func notCommitted(_ error: StoreError) {
        switch error {
        case .outdated: outdated.increment()
        case .conflict, .answered: refused.increment()
        default: failed.increment()
        }
    }

    private static func record(_ timer: Timer, since start: ContinuousClock.Instant) {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        timer.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
