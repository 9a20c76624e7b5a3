import Dispatch
import Glibc
import RosterModel
import Synchronization

/// The file of `--access-log`: a line for each response of the API's ports, in the combined format of Apache and nginx.
///
/// Event loops append to a list in memory; a thread makes the lines and writes them. When more waits than may, or the file
/// takes nothing, lines are lost, and counted.
package final class AccessLog: Sendable {
    /// A response and its request.
    struct Entry: Sendable {
        let time: time_t
        /// An address.
        let client: String
        /// Nil if no request was understood.
        var request: (method: String, target: String, version: String)?
        let status: Int
        /// The length of the body.
        let bytes: Int
        var referer: String?
        var agent: String?

        /// About how much memory it holds.
        fileprivate var size: Int {
            let texts = [request?.method, request?.target, referer, agent]
            return texts.reduce(256) { $0 + ($1?.utf8.count ?? 0) }
        }
    }

    /// What an administrator must see.
    package enum Event: Sendable, Equatable {
        /// So many lines were lost since the last event of this kind, which is at least ten seconds old.
        case lost(Int)
        /// The file takes nothing, for this reason.
        case failed(String)
        /// The file takes lines again.
        case recovered
        /// The file cannot be opened by its name again, for this reason; the old one stays in use.
        case notReopened(String)
    }

    /// The file cannot be opened; one line that says why.
    package struct OpenError: Error, CustomStringConvertible {
        package let description: String
    }

    private struct State {
        var waiting: [Entry] = []
        var waitingBytes = 0
        var lost = 0
        /// Whether the writer was told of what waits.
        var isDue = false
    }

    private struct File {
        var descriptor: Int32
        /// Why the last write failed; nil after one that succeeded.
        var failure: String?
        /// Whether the file ends in the middle of a line, because it was full.
        var isCut = false
        /// Lines that were lost and not told yet.
        var lost = 0
        var lastReport: ContinuousClock.Instant?
        var isReportScheduled = false
    }

    private let path: String
    private let maximumBytes: Int
    private let report: @Sendable (Event) -> Void
    private let state = Mutex(State())
    /// Used on `writer` only; the mutex makes that safe to state.
    private let file: Mutex<File>
    private let writer = DispatchQueue(label: "roster.access-log")

    private static let reportPause = Duration.seconds(10)
    /// How much is written at once.
    private static let chunk = 64 << 10
    /// How much of a text of a client stands in a line, in bytes.
    private static let longestText = 8 << 10

    /// Opens the file, and makes it with mode 0640 where there is none.
    /// - Parameters:
    ///   - maximumBytes: how much waits in memory at most.
    ///   - report: called on a thread of the log's own.
    package init(
        path: String, maximumBytes: Int = 8 << 20, report: @escaping @Sendable (Event) -> Void
    ) throws(OpenError) {
        self.path = path
        self.maximumBytes = maximumBytes
        self.report = report
        file = Mutex(File(descriptor: try Self.open(path)))
    }

    deinit {
        _ = file.withLock { Glibc.close($0.descriptor) }
    }

    private static func open(_ path: String) throws(OpenError) -> Int32 {
        // Neither a pipe without a reader nor a terminal may stop the server.
        let flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let made = Glibc.open(path, flags | O_CREAT | O_EXCL, 0o640)
        if made >= 0 {
            // The unit's umask keeps the group out.
            fchmod(made, 0o640)
            return made
        }
        let found = errno == EEXIST ? Glibc.open(path, flags) : -1
        guard found >= 0 else { throw OpenError(description: String(cString: strerror(errno))) }
        return found
    }

    /// Opens the file by its name again, after it was renamed. Returns at once.
    package func reopen() {
        writer.async { [self] in
            do {
                let new = try Self.open(path)
                let old = file.withLock { file in
                    defer { (file.descriptor, file.isCut) = (new, false) }
                    return file.descriptor
                }
                Glibc.close(old)
            } catch {
                report(.notReopened("\(error)"))
            }
        }
    }

    /// Writes what waits. Returns when it is written.
    package func flush() {
        writer.sync {
            write()
            reportLoss(isLast: true)
        }
    }

    /// Adds a line.
    func record(_ entry: Entry) {
        let isNew = state.withLock { state in
            guard state.waitingBytes + entry.size <= maximumBytes else {
                state.lost += 1
                return false
            }
            state.waiting.append(entry)
            state.waitingBytes += entry.size
            defer { state.isDue = true }
            return !state.isDue
        }
        if isNew { writer.async { [self] in write() } }
    }

    private func write() {
        while true {
            let (entries, lost) = state.withLock { state in
                defer { (state.waiting, state.waitingBytes, state.lost) = ([], 0, 0) }
                if state.waiting.isEmpty { state.isDue = false }
                return (state.waiting, state.lost)
            }
            file.withLock { $0.lost += lost }
            guard !entries.isEmpty else { return reportLoss(isLast: false) }
            var lines: [UInt8] = []
            for entry in entries {
                lines += Self.line(entry)
                guard lines.count >= Self.chunk else { continue }
                write(lines)
                lines = []
            }
            write(lines)
        }
    }

    private func write(_ lines: [UInt8]) {
        guard !lines.isEmpty else { return }
        let event = file.withLock { file -> Event? in
            let newline = UInt8(ascii: "\n")
            let (rest, reason) = Self.write((file.isCut ? [newline] : []) + lines, to: file.descriptor)
            // A newline that was written alone is no line.
            if rest.count < lines.count { file.isCut = !rest.isEmpty }
            file.lost += rest.count { $0 == newline }
            defer { file.failure = reason }
            return switch (file.failure, reason) {
            case (_?, nil): .recovered
            case (let old, let new?) where old != new: .failed(new)
            default: nil
            }
        }
        if let event { report(event) }
    }

    /// - Returns: what was not written, and why; nothing if all was.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> (rest: ArraySlice<UInt8>, reason: String?) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return (rest, String(cString: strerror(errno))) }
            rest = rest.dropFirst(count)
        }
        return (rest, nil)
    }

    private func reportLoss(isLast: Bool) {
        let now = ContinuousClock.now
        let (count, mustSchedule) = file.withLock { file -> (Int, Bool) in
            guard file.lost > 0 else { return (0, false) }
            if !isLast, let last = file.lastReport, now - last < Self.reportPause {
                defer { file.isReportScheduled = true }
                return (0, !file.isReportScheduled)
            }
            defer { (file.lost, file.lastReport) = (0, now) }
            return (file.lost, false)
        }
        if count > 0 { report(.lost(count)) }
        guard mustSchedule else { return }
        writer.asyncAfter(deadline: .now() + .seconds(Int(Self.reportPause.components.seconds))) { [weak self] in
            guard let self else { return }
            file.withLock { $0.isReportScheduled = false }
            reportLoss(isLast: false)
        }
    }
}

// MARK: Lines

extension AccessLog {
    /// A line of the combined format with its end.
    static func line(_ entry: Entry) -> [UInt8] {
        let asked = entry.request.map { request in
            "\(quoted(request.method)) \(quoted(withoutSecrets(request.target))) \(request.version)"
        }
        let bytes = entry.bytes == 0 ? "-" : String(entry.bytes)
        let (referer, agent) = (entry.referer.map { quoted(withoutSecrets($0)) }, entry.agent.map(quoted))
        let text =
            "\(quoted(entry.client)) - - [\(shown(entry.time))] \"\(asked ?? "-")\" \(entry.status) \(bytes) "
            + "\"\(referer ?? "-")\" \"\(agent ?? "-")\"\n"
        return Array(text.utf8)
    }

    /// With the zone of the machine, as `27/Nov/2026:18:00:00 +0100`.
    private static func shown(_ time: time_t) -> String {
        var (seconds, parts) = (time, tm())
        localtime_r(&seconds, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress, strftime(start, buffer.count, "%d/%b/%Y:%H:%M:%S %z", &parts) > 0
            else { return "-" }
            return String(cString: start)
        }
    }

    /// The target with `-` for the values of signatures, passwords and secrets in its query.
    private static func withoutSecrets(_ target: String) -> String {
        guard let mark = target.firstIndex(of: "?") else { return target }
        let pairs = target[target.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
        let kept = pairs.map { pair -> Substring in
            guard let equals = pair.firstIndex(of: "=") else { return pair }
            // A name that cannot be decoded may be anything.
            guard let name = SignedRequest.decode(Array(pair[..<equals].utf8)[...])?.lowercased(),
                !name.hasSuffix("signature"), !name.contains("password"), !name.contains("secret")
            else { return pair[...equals] + "-" }
            return pair
        }
        return target[...mark] + kept.joined(separator: "&")
    }

    /// As Apache writes what clients send: `\"`, `\\`, and `\xhh` for every byte that is not printable ASCII. The rest of a
    /// long text is left out.
    private static func quoted(_ text: String) -> String {
        let isPlain = { (byte: UInt8) in
            byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
        var bytes: [UInt8] = []
        for byte in text.utf8.prefix(longestText) {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case _ where isPlain(byte): bytes.append(byte)
            default: bytes += Array("\\x\(Hex.text([byte]))".utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
