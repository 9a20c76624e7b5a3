import CPostgres
import Glibc
import RosterModel
import RosterStore

/// One connection through libpq, used by one thread at a time. Once it is made it never waits inside libpq, so that every wait
/// has an end.
final class ServerConnection {
    private let handle: OpaquePointer
    private let health: ServerHealth?
    /// How long the server may say nothing where a call does not say.
    private let patience: Duration
    /// The names of the statements that the server keeps for this connection.
    private var prepared: [String: String] = [:]
    private var namesGiven = 0
    private let warnings = Warnings()

    /// How long a server may say nothing where its pulse is lost too.
    private static let lostPatience = Duration.seconds(1)
    /// How long it may say nothing at all: locks and large statements take their time.
    private static let longestSilence = Duration.seconds(60)
    /// How long its first answer may take.
    private static let greetingPatience = Duration.seconds(5)
    /// How often a wait looks at the lifeline, in milliseconds.
    private static let slice: Int32 = 200

    /// What a connection is for, as the server's planner is told.
    enum Purpose {
        /// Rows by their keys and revisions, always through the indexes, whatever the planner knows of a table that was filled a
        /// moment ago.
        case lookups
        case scans

        /// How long the server waits for the rest of a transaction. A program that stands still while it holds the lock of the
        /// revision would hold up every other writer.
        fileprivate var idleTime: String {
            switch self {
            case .lookups: "5s"
            case .scans: "0"
            }
        }

        fileprivate var setting: String {
            switch self {
            case .lookups:
                """
                , set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false),
                set_config('enable_mergejoin', 'off', false), set_config('plan_cache_mode', 'force_generic_plan', false)
                """
            case .scans: ""
            }
        }
    }

    /// Connects. Blocks its thread.
    /// - Parameters:
    ///   - host: which of the hosts; all of them, one after the other, by default.
    ///   - lifeline: what is known of the server.
    ///   - isPulse: whether the connection is the one that finds out, and waits for nobody else's word.
    /// - Throws: `lost`, with what libpq says, or where the server was left behind by a failover.
    init(
        _ address: ServerAddress, _ purpose: Purpose, to host: ServerAddress.Host? = nil, health: ServerHealth,
        isPulse: Bool = false
    ) throws(ServerError) {
        guard let handle = address.connect(to: host) else { throw .lost(cause: "out of memory") }
        self.handle = handle
        self.health = isPulse ? nil : health
        patience = isPulse ? PrimaryMonitor.patience : Self.longestSilence
        // By default libpq writes a server's notices to standard error, where the log is.
        PQsetNoticeReceiver(
            handle, { warnings, result in Warnings.note(result, in: warnings) },
            Unmanaged.passUnretained(warnings).toOpaque())
        guard PQstatus(handle) == CONNECTION_OK, PQsetnonblocking(handle, 1) == 0 else { throw lost() }
        // A commit that is answered must be on the disk, whatever the role's default is.
        let settings = Statement(
            """
            SELECT \(DirectoryReader.timeline), set_config('search_path', '\(Schema.name)', false),
            set_config('lock_timeout', '30s', false), set_config('statement_timeout', '0', false),
            set_config('idle_in_transaction_session_timeout', '\(purpose.idleTime)', false),
            set_config('default_transaction_isolation', 'read committed', false),
            set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') THEN 'on'
            ELSE current_setting('synchronous_commit') END, false) \(purpose.setting)
            """)
        let answer = try run([settings], silence: Self.greetingPatience)[0]
        guard health.accepts(timeline: UInt32(answer.text(0, 0), radix: 16) ?? 0) else {
            throw .lost(
                cause:
                    "the server at \(place) is a primary that a failover has left behind, its timeline is an older one "
                    + "(restart roster where the database was restored from a backup)")
        }
    }

    deinit {
        PQfinish(handle)
    }

    /// Whether the server has warned of something since the last question.
    func takeWarning() -> Bool { warnings.take() }

    /// Where the server is.
    private var place: String {
        [PQhost(handle), PQport(handle)].compactMap { $0.map { String(cString: $0) } }.joined(separator: ":")
    }

    /// Whether it can be used.
    var isOpen: Bool { PQstatus(handle) == CONNECTION_OK && PQtransactionStatus(handle) == PQTRANS_IDLE }

    /// Runs statements, sent all at once; where one fails, those after it are not run.
    /// - Parameter silence: how long the server may say nothing.
    /// - Returns: what each answered.
    /// - Throws: what refused the first one that failed; `lost`.
    func run(_ statements: [Statement], silence: Duration? = nil) throws(ServerError) -> [Rows] {
        try answers(to: try queue(statements), silence: silence)
    }

    /// Statements on their way. Nothing else may be run before their answers are read.
    struct PendingBatch: ~Copyable {
        /// Nil for a statement, its text for the preparing of one.
        fileprivate let steps: [String?]
    }

    /// Sends statements to the last byte and does not wait for their answers: the server works on them meanwhile.
    /// - Throws: `lost`.
    func send(_ statements: [Statement]) throws(ServerError) -> PendingBatch {
        let sent = try queue(statements)
        try waitWhile(nil) { PQflush(handle) != 0 }
        return sent
    }

    private func queue(_ statements: [Statement]) throws(ServerError) -> PendingBatch {
        guard PQenterPipelineMode(handle) == 1 else { throw lost() }
        var sent: [String?] = []
        for statement in statements {
            if prepared[statement.sql] == nil {
                namesGiven += 1
                let name = "s\(namesGiven)"
                prepared[statement.sql] = name
                guard PQsendPrepare(handle, name, statement.sql, 0, nil) == 1 else { throw lost() }
                sent.append(statement.sql)
            }
            try send(statement)
            sent.append(nil)
        }
        guard PQpipelineSync(handle) == 1 else { throw lost() }
        return PendingBatch(steps: sent)
    }

    /// Waits for what `send` has sent.
    /// - Parameter silence: how long the server may say nothing.
    /// - Returns: what each statement answered.
    /// - Throws: what refused the first one that failed; `lost`.
    func answers(to sent: consuming PendingBatch, silence: Duration? = nil) throws(ServerError) -> [Rows] {
        var failure: ServerError?
        var answers: [Rows] = []
        let statements = sent.steps.count { $0 == nil }
        for sql in sent.steps {
            guard let result = try nextResult(silence) else { throw lost() }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                if sql == nil { answers.append(Rows(result)) } else { PQclear(result) }
            case let status:
                if failure == nil, status != PGRES_PIPELINE_ABORTED { failure = refusal(result) }
                if let sql { prepared[sql] = nil }
                PQclear(result)
            }
            // What ends the answer to one statement.
            if let more = try nextResult(silence) { PQclear(more) }
        }
        guard let end = try nextResult(silence) else { throw lost() }
        let isSynchronous = PQresultStatus(end) == PGRES_PIPELINE_SYNC
        PQclear(end)
        guard isSynchronous, PQexitPipelineMode(handle) == 1 else { throw failure ?? lost() }
        if let failure { throw failure }
        precondition(answers.count == statements, "each statement has an answer of its own")
        return answers
    }

    /// Runs one statement.
    /// - Throws: what refused it; `lost`.
    @discardableResult
    func run(_ sql: String, _ parameters: [Parameter] = []) throws(ServerError) -> Rows {
        try run([Statement(sql, parameters)])[0]
    }

    /// Runs a script of statements without parameters.
    /// - Throws: what refused it; `lost`.
    func runScript(_ script: String) throws(ServerError) {
        guard PQsendQuery(handle, script) == 1 else { throw lost() }
        try drain()
    }

    /// Calls `body` with each row that `query` gives: the values of its columns, valid during the call, without an address for
    /// NULL.
    /// - Parameter columns: how many columns the rows have.
    /// - Throws: what refused it; `lost`.
    func copy(
        _ query: String, columns: Int, _ body: (borrowing CopiedRow) -> Void
    ) throws(ServerError) {
        guard PQsendQuery(handle, "COPY (\(query)) TO STDOUT (FORMAT binary)") == 1 else { throw lost() }
        guard let begin = try nextResult(nil) else { throw lost() }
        defer { PQclear(begin) }
        guard PQresultStatus(begin) == PGRES_COPY_OUT else {
            let failure = refusal(begin)
            try drain()
            throw failure
        }
        precondition(PQnfields(begin) == Int32(columns), "a query gives other columns than are read")
        var row = CopiedRow(columns: columns)
        while let message = try nextCopyMessage() {
            defer { PQfreemem(message.start) }
            let bytes = UnsafeRawBufferPointer(start: message.start, count: message.count)
            if try row.read(bytes) { body(row) }
        }
        try drain()
    }

    /// The newest revision that the server has notified this connection of since the last look.
    func newestNotified() -> Int64? {
        var newest: Int64?
        while let notification = PQnotifies(handle) {
            let revision = notification.pointee.extra.flatMap { Int64(String(cString: $0)) } ?? .max
            newest = max(newest ?? revision, revision)
            PQfreemem(notification)
        }
        return newest
    }

    /// Waits until the server says something, at most for `milliseconds`.
    /// - Throws: `lost`.
    func listen(milliseconds: Int32) throws(ServerError) {
        guard wait(for: Int16(POLLIN), milliseconds: milliseconds) else { return }
        guard PQconsumeInput(handle) == 1 else { throw lost() }
    }

    /// `text` as a literal in SQL.
    /// - Throws: `lost` where libpq cannot make one.
    func literal(_ text: String) throws(ServerError) -> String {
        let count = text.utf8.count
        guard let quoted = PQescapeLiteral(handle, text, count) else { throw lost() }
        defer { PQfreemem(quoted) }
        return String(cString: quoted)
    }

    // MARK: Waiting

    private func send(_ statement: Statement) throws(ServerError) {
        let parameters = statement.parameters
        // One buffer for all values, each followed by a zero, so that none has no address.
        var bytes: [UInt8] = []
        var offsets: [Int?] = []
        for parameter in parameters {
            offsets.append(parameter.bytes == nil ? nil : bytes.count)
            bytes.append(contentsOf: parameter.bytes ?? [])
            bytes.append(0)
        }
        let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: parameters.count)
        let isSent = bytes.withUnsafeBytes { bytes in
            let values = offsets.map { offset in
                offset.map { bytes.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) } ?? nil
            }
            return PQsendQueryPrepared(
                handle, prepared[statement.sql], Int32(parameters.count), values, lengths, formats, 1)
        }
        guard isSent == 1 else { throw lost() }
    }

    /// The next result; nil where a statement's are at their end.
    private func nextResult(_ silence: Duration?) throws(ServerError) -> OpaquePointer? {
        try waitWhile(silence) { PQisBusy(handle) == 1 }
        return PQgetResult(handle)
    }

    private func nextCopyMessage() throws(ServerError) -> (start: UnsafeMutablePointer<CChar>, count: Int)? {
        var start: UnsafeMutablePointer<CChar>?
        var count: Int32 = 0
        try waitWhile(nil) {
            count = PQgetCopyData(handle, &start, 1)
            return count == 0
        }
        guard count != -2 else { throw lost() }
        guard count > 0, let start else { return nil }
        return (start, Int(count))
    }

    /// Reads the rest of what a statement answered.
    private func drain() throws(ServerError) {
        var failure: ServerError?
        while let result = try nextResult(nil) {
            let status = PQresultStatus(result)
            if status != PGRES_COMMAND_OK, status != PGRES_TUPLES_OK, failure == nil { failure = refusal(result) }
            PQclear(result)
        }
        if let failure { throw failure }
    }

    /// Sends and receives as long as `isWaiting` holds.
    private func waitWhile(_ silence: Duration?, _ isWaiting: () -> Bool) throws(ServerError) {
        let silence = silence ?? patience
        var heard = ContinuousClock.now
        while isWaiting() {
            let unsent = PQflush(handle)
            guard unsent >= 0 else { throw lost() }
            let events = Int16(POLLIN) | (unsent == 1 ? Int16(POLLOUT) : 0)
            if wait(for: events, milliseconds: Self.slice) {
                guard PQconsumeInput(handle) == 1 else { throw lost() }
                heard = .now
                continue
            }
            let quiet = heard.duration(to: .now)
            if let cause = health?.cause, quiet > Self.lostPatience {
                throw cutOff(cause)
            }
            if quiet > silence { throw cutOff("the server has said nothing for \(silence)") }
        }
    }

    /// Whether the socket is ready for one of `events` before the time is over.
    private func wait(for events: Int16, milliseconds: Int32) -> Bool {
        var descriptor = pollfd(fd: PQsocket(handle), events: events, revents: 0)
        return poll(&descriptor, 1, milliseconds) > 0
    }

    /// Makes sure that nobody uses the connection again.
    private func cutOff(_ cause: String) -> ServerError {
        shutdown(PQsocket(handle), Int32(SHUT_RDWR))
        PQconsumeInput(handle)
        return .lost(cause: cause)
    }

    private func refusal(_ result: OpaquePointer) -> ServerError {
        guard let state = cpostgres_sqlstate(result), let message = cpostgres_message(result), isAlive(state) else {
            return .lost(cause: Self.line(PQresultErrorMessage(result)))
        }
        return .refused(state: String(cString: state), message: String(cString: message))
    }

    /// Whether the connection outlives an error of class `state`: administrators end connections with class 57P.
    private func isAlive(_ state: UnsafePointer<CChar>) -> Bool {
        let state = String(cString: state)
        return PQstatus(handle) == CONNECTION_OK && !state.hasPrefix("57P") && !state.hasPrefix("08")
    }

    private func lost() -> ServerError { .lost(cause: Self.line(PQerrorMessage(handle))) }

    /// What libpq says, in one line.
    static func line(_ message: UnsafePointer<CChar>?) -> String {
        let text = message.map { String(cString: $0) } ?? ""
        let line = text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0 == " " || $0 == "\t" } }
            .joined(separator: "; ")
        return line.isEmpty ? "the connection is lost" : line
    }
}
