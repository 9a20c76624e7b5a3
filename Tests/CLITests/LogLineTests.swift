import Foundation
import Logging
import Synchronization
import Testing

@testable import RosterCLI

@Suite struct LogLineTests {
    private static let hostile =
        "a\nb\r\u{1B}[2J\u{9B}31m\u{202E}\u{2028}\u{85}\u{0}\u{7F}\" \\ é \u{1F600}"

    private func line(_ level: Logger.Level = .info) -> LogLine {
        LogLine(
            time: Date(timeIntervalSince1970: 1_800_000_000.25), level: level, label: "roster", source: "RosterHTTP",
            message: "m \(Self.hostile)", fields: [("key \(Self.hostile)", "v"), ("name", Self.hostile)])
    }

    /// Lines of all formats that `level` allows.
    private func lines(_ format: ServerLog.Format, level: Logger.Level, _ body: (Logger, ServerLog) -> Void) -> [String]
    {
        let written = Written()
        let log = ServerLog(format: format, level: level) { bytes in
            written.lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        }
        body(Logger(label: "roster", factory: { log.handler(label: $0) }), log)
        return written.lines.withLock { $0 }
    }

    private final class Written: Sendable {
        let lines = Mutex<[String]>([])
    }

    @Test(arguments: ServerLog.Format.allCases)
    func whatAClientSendsStaysInItsLineAndControlsNoTerminal(format: ServerLog.Format) {
        let text = line().text(format)
        #expect(text.last == "\n")
        #expect(text.dropLast().unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        for scalar in ["\u{202E}", "\u{2028}"] as [Unicode.Scalar] { #expect(!text.unicodeScalars.contains(scalar)) }
        #expect(text.contains("é"))
    }

    @Test func jsonKeepsEveryByte() throws {
        let object = try #require(JSONSerialization.jsonObject(with: Data(line().text(.json).utf8)) as? [String: Any])
        #expect(object["message"] as? String == "m \(Self.hostile)")
        #expect(object["level"] as? String == "info")
        #expect(object["time"] as? String == "2027-01-15T08:00:00.250Z")
        let fields = try #require(object["fields"] as? [String: String])
        #expect(fields == ["key \(Self.hostile)": "v", "name": Self.hostile])
    }

    @Test(arguments: [
        (Logger.Level.trace, 7), (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3), (.critical, 2),
    ])
    func theJournalHasThePriority(level: Logger.Level, priority: Int) {
        #expect(line(level).text(.journal).hasPrefix("<\(priority)>roster: key "))
    }

    @Test func aLineHasItsFieldsInOrderBeforeTheMessage() throws {
        let text = lines(.text, level: .info) { logger, _ in
            var logger = logger
            logger[metadataKey: "request_id"] = "1"
            logger.notice("ready", metadata: ["users": "3", "revision": "5"])
        }
        try #require(text.count == 1)
        let expected =
            /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} notice roster: request_id=1 revision=5 users=3 \[\w+\] ready\n/
        #expect(text[0].wholeMatch(of: expected) != nil)
    }

    @Test func theLevelChangesForLoggersThatAreThere() {
        let text = lines(.journal, level: .warning) { logger, log in
            logger.info("one")
            log.level = .debug
            logger.debug("two")
            log.level = .error
            logger.warning("three")
        }
        #expect(text == ["<7>roster: two\n"])
    }
}
