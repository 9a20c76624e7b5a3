import Logging
import RosterServing
import Synchronization
import Testing

@Suite struct RefusalLogTests {
    /// The fields of each line.
    private final class Lines: Sendable {
        let all = Mutex<[[String: String]]>([])
        var count: Int { all.withLock(\.count) }
        var last: [String: String]? { all.withLock(\.last) }
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        init(lines: Lines) {
            self.lines = lines
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).mapValues { "\($0)" }
            lines.all.withLock { $0.append(fields) }
        }
    }

    private let start = ContinuousClock.now
    private let lines = Lines()
    private let refusals: RefusalLog
    private let logger: Logger

    init() {
        refusals = RefusalLog(start: start)
        logger = Logger(label: "test") { [lines] _ in Handler(lines: lines) }
    }

    private func refuse(_ times: Int, _ client: String, name: String? = "user", at time: Duration = .zero) {
        for _ in 0..<times {
            refusals.log(
                "refused", client: client, name: name, reason: "locked", to: logger, now: start + time)
        }
    }

    @Test func oneClientCannotFillTheLogAndTheNextLineCountsTheOthers() {
        refuse(10_000, "192.0.2.1")
        #expect(lines.count == 60)
        #expect(lines.last?["unlogged"] == nil)
        refuse(1, "192.0.2.2")
        #expect(lines.count == 61)
        #expect(lines.last?["unlogged"] == "9940")
        refuse(1, "192.0.2.1", at: .seconds(60))
        #expect(lines.count == 62)
        #expect(lines.last?["unlogged"] == nil)
    }

    @Test func manyClientsCannotFillTheLog() {
        for client in 0..<5000 { refuse(1, "192.0.2.\(client)") }
        #expect(lines.count == 600)
        refuse(100_000, "192.0.2.1", at: .seconds(1))
        #expect(lines.count <= 611)
    }

    @Test func whatClientsSendStaysInItsFieldAndIsShort() {
        refuse(1, "192.0.2.1", name: "a\n\u{1B}[31m" + String(repeating: "x", count: 5000))
        #expect(lines.last?["name"] == "a??[31m" + String(repeating: "x", count: 121))
        refuse(1, "192.0.2.1", name: nil)
        #expect(lines.last == ["client": "192.0.2.1", "name": "-", "reason": "locked"])
    }
}
