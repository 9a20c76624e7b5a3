package import CoreMetrics
import Synchronization

/// The backend of swift-metrics that holds every value in memory, as atomics, and writes them as text.
///
/// Only the metrics of `MetricDescription.all` are kept.
package final class MetricsRegistry: MetricsFactory, Sendable {
    private let state = Mutex(State())

    private struct State {
        var series: [Key: any Series] = [:]
        /// In the order in which they were made.
        var order: [Key] = []
        var collectors: [@Sendable (inout MetricsText) -> Void] = []
    }

    private struct Key: Hashable {
        let name: String
        let labels: [String]
    }

    /// Creates an empty registry.
    package init() {}

    /// Adds a function that is called for each text, for values that are read when they are asked for.
    package func collect(_ collector: @escaping @Sendable (inout MetricsText) -> Void) {
        state.withLock { $0.collectors.append(collector) }
    }

    /// All values as they are now.
    package var text: String {
        let (series, collectors) = state.withLock { state in
            (state.order.compactMap { state.series[$0] }, state.collectors)
        }
        var text = MetricsText()
        for one in series { one.write(to: &text) }
        for collector in collectors { collector(&text) }
        return text.text
    }

    /// The series with these labels, made by `make` if there is none yet.
    private func series<One: Series>(
        _ label: String, dimensions: [(String, String)],
        make: (MetricDescription, [(name: String, value: String)]) -> One
    ) -> One? {
        guard let metric = MetricDescription.byName[label] else { return nil }
        let key = Key(name: label, labels: dimensions.flatMap { [$0.0, $0.1] })
        return state.withLock { state in
            if let found = state.series[key] { return found as? One }
            let made = make(metric, dimensions.map { (name: $0.0, value: $0.1) })
            state.series[key] = made
            state.order.append(key)
            return made
        }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions: dimensions) { AtomicCounter($0.name, $1) } ?? NOOPMetricsHandler.instance
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        series(label, dimensions: dimensions) { AtomicHistogram($0, $1) } ?? NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions: dimensions) { AtomicHistogram($0, $1) } ?? NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

/// The values of one metric with one set of labels.
private protocol Series: AnyObject, Sendable {
    func write(to text: inout MetricsText)
}

private final class AtomicCounter: CounterHandler, Series {
    private let name: String
    private let labels: [(name: String, value: String)]
    private let value = Atomic<Int64>(0)

    init(_ name: String, _ labels: [(name: String, value: String)]) {
        self.name = name
        self.labels = labels
    }

    func increment(by amount: Int64) { value.add(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }
    func write(to text: inout MetricsText) {
        text.add(name, labels: labels, value: Double(value.load(ordering: .relaxed)))
    }
}

/// Counts values by the smallest bound that they do not exceed. Durations are in seconds.
private final class AtomicHistogram: TimerHandler, RecorderHandler, Series {
    private let name: String
    private let labels: [(name: String, value: String)]
    private let bounds: [Double]
    /// The bounds in nanoseconds.
    private let limits: [Int64]
    private let counts: AtomicCounts
    /// In nanoseconds, or in units of 10⁻⁹ for values that are no durations.
    private let sum = Atomic<Int64>(0)

    init(_ metric: MetricDescription, _ labels: [(name: String, value: String)]) {
        name = metric.name
        self.labels = labels
        bounds = metric.bounds
        limits = metric.bounds.map { Int64(($0 * 1e9).rounded()) }
        counts = AtomicCounts(metric.bounds.count + 1)
    }

    func recordNanoseconds(_ duration: Int64) {
        var place = 0
        while place < limits.count, duration > limits[place] { place += 1 }
        counts.increment(place)
        sum.wrappingAdd(duration, ordering: .relaxed)
    }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { recordNanoseconds(Int64((value * 1e9).rounded())) }

    func write(to text: inout MetricsText) {
        var count = 0
        for (place, bound) in (bounds + [.infinity]).enumerated() {
            count += counts[place]
            text.add(
                name, suffix: "_bucket", labels: labels + [("le", MetricsText.number(bound))], value: Double(count))
        }
        text.add(name, suffix: "_sum", labels: labels, value: Double(sum.load(ordering: .relaxed)) / 1e9)
        text.add(name, suffix: "_count", labels: labels, value: Double(count))
    }
}

/// A fixed number of counters, side by side.
private final class AtomicCounts: @unchecked Sendable {
    // Unchecked: the memory holds atomics only, and lives as long as the object.
    private let counts: UnsafeMutableBufferPointer<Atomic<Int>>

    init(_ count: Int) {
        counts = .allocate(capacity: count)
        for place in 0..<count { (counts.baseAddress.map { $0 + place })?.initialize(to: Atomic(0)) }
    }

    deinit { counts.deallocate() }

    func increment(_ place: Int) { counts[place].add(1, ordering: .relaxed) }
    subscript(_ place: Int) -> Int { counts[place].load(ordering: .relaxed) }
}
