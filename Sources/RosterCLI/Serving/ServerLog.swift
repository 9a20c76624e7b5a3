import Foundation
import Logging
import RosterModel
import Synchronization

/// Where a server's log goes, in which format, and from which level. The level may change while the server runs:
/// reading it takes no lock.
final class ServerLog: Sendable {
    /// The format of a line.
    enum Format: String, CaseIterable {
        /// Time, level, fields and message, for people.
        case text
        /// An object a line.
        case json
        /// For the journal of systemd, which has the time itself: the priority as sd-daemon(3) has it, fields and
        /// message.
        case journal
    }

    let format: Format
    private let levelNumber: Atomic<Int>
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameter write: takes one whole line; standard error by default.
    init(
        format: Format, level: Logger.Level,
        write: @escaping @Sendable ([UInt8]) -> Void = { _ = Output.write($0, to: STDERR_FILENO) }
    ) {
        self.format = format
        levelNumber = Atomic(Self.number(of: level))
        self.write = write
    }

    /// From which level lines are logged.
    var level: Logger.Level {
        get { Logger.Level.allCases[levelNumber.load(ordering: .relaxed)] }
        set { levelNumber.store(Self.number(of: newValue), ordering: .relaxed) }
    }

    private static func number(of level: Logger.Level) -> Int { Logger.Level.allCases.firstIndex(of: level) ?? 0 }

    /// A handler for a logger of that name.
    func handler(label: String) -> any LogHandler { Handler(label: label, log: self) }

    private struct Handler: LogHandler {
        let label: String
        let log: ServerLog
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?
        private var ownLevel: Logger.Level?

        init(label: String, log: ServerLog) {
            self.label = label
            self.log = log
        }

        var logLevel: Logger.Level {
            get { ownLevel ?? log.level }
            set { ownLevel = newValue }
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            var fields = metadata
            if let provider = metadataProvider { fields.merge(provider.get()) { _, new in new } }
            if let own = event.metadata { fields.merge(own) { _, new in new } }
            if let error = event.error { fields["error"] = "\(error)" }
            let line = LogLine(
                time: .now, level: event.level, label: label, source: event.source, message: "\(event.message)",
                fields: fields.map { ($0.key, "\($0.value)") }.sorted { $0.0 < $1.0 })
            log.write(Array(line.text(log.format).utf8))
        }
    }
}

/// One line of the log. Whatever a client sends stays in its line, and controls no terminal.
struct LogLine {
    let time: Date
    let level: Logger.Level
    let label: String
    let source: String
    let message: String
    /// Sorted by name.
    let fields: [(name: String, value: String)]

    /// The line with its end.
    func text(_ format: ServerLog.Format) -> String {
        switch format {
        case .text: "\(localTime) \(level) \(label):\(shownFields) [\(source)] \(Self.shown(message))\n"
        case .journal: "<\(priority)>\(label):\(shownFields) \(Self.shown(message))\n"
        case .json: json + "\n"
        }
    }

    private var shownFields: String {
        fields.map { " \(Self.shown($0.name))=\(Self.shown($0.value))" }.joined()
    }

    private static func shown(_ text: String) -> String {
        text.isPrintableASCII ? text : text.sanitizedForDisplay(limit: .max)
    }

    /// With the zone of the machine, as `2026-11-27T18:00:00+0100`.
    private var localTime: String {
        var seconds = time_t(time.timeIntervalSince1970)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress, strftime(start, buffer.count, "%Y-%m-%dT%H:%M:%S%z", &parts) > 0
            else {
                return "-"
            }
            return String(cString: start)
        }
    }

    /// The level as syslog(3) has it.
    private var priority: Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private var json: String {
        let time = time.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true)) + "Z"
        let known = [
            ("time", time), ("level", "\(level)"), ("logger", label), ("source", source), ("message", message),
        ]
        let members = known.map { Self.member($0.0, Self.quoted($0.1)) }
        let own = fields.map { Self.member($0.name, Self.quoted($0.value)) }
        return "{\((members + [Self.member("fields", "{\(own.joined(separator: ","))}")]).joined(separator: ","))}"
    }

    private static func member(_ name: String, _ value: String) -> String { "\(quoted(name)):\(value)" }

    /// A JSON string of RFC 8259 in which everything that is not shown by a terminal is escaped.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.isShown: quoted.unicodeScalars.append(scalar)
            default:
                for unit in String(scalar).utf16 { quoted += "\\u" + Hex.text(unit) }
            }
        }
        return quoted + "\""
    }
}
