import CPostgres
import Glibc
import RosterModel
import RosterStore

/// One connection through libpq, used by one thread at a time. Once connected, it never waits inside libpq, so every
/// wait is bounded.
final class ServerConnection {
    let handle: OpaquePointer
    let health: ServerHealth?
    /// How long the server may stay silent if a call does not specify it.
    let patience: Duration
    /// The names of the statements prepared on this connection, by their text.
    var prepared: [String: String] = [:]
    var namesGiven = 0
    private let warnings = Warnings()

    /// The longest allowed silence: locks and large statements take time.
    private static let longestSilence = Duration.seconds(60)
    /// How long its first answer may take.
    private static let greetingPatience = Duration.seconds(5)

    /// What a connection is used for, which sets the planner's options.
    enum Purpose {
        /// Rows by their keys and revisions, always through the indexes, whatever the planner estimates for a table
        /// that was just filled.
        case lookups
        case scans

        /// How long the server waits for the rest of a transaction. A program that stalls while it holds the lock of
        /// the revision would block every other writer.
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
    ///   - host: which of the hosts; by default, all of them, one after the other.
    ///   - health: the shared health of the server.
    ///   - isMonitor: whether the connection belongs to the monitor, which sets the health instead of heeding it.
    /// - Throws: `lost`, with libpq's message, or if a failover has left the server behind.
    init(
        _ address: ServerAddress, _ purpose: Purpose, to host: ServerAddress.Host? = nil, health: ServerHealth,
        isMonitor: Bool = false
    ) throws(ServerError) {
        guard let handle = address.connect(to: host) else { throw .lost(cause: "out of memory") }
        self.handle = handle
        self.health = isMonitor ? nil : health
        patience = isMonitor ? PrimaryMonitor.patience : Self.longestSilence
        // By default, libpq writes notices to standard error, where the log goes.
        PQsetNoticeReceiver(
            handle, { warnings, result in Warnings.record(result, in: warnings) },
            Unmanaged.passUnretained(warnings).toOpaque())
        guard PQstatus(handle) == CONNECTION_OK, PQsetnonblocking(handle, 1) == 0 else { throw lost() }
        // An acknowledged commit must be on the disk, whatever the role's default is.
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

    /// Whether the server has sent a warning since the last call.
    func consumeWarning() -> Bool { warnings.consume() }

    /// The host and port of the server.
    private var place: String {
        [PQhost(handle), PQport(handle)].compactMap { $0.map { String(cString: $0) } }.joined(separator: ":")
    }

    /// Whether the connection is idle and usable.
    var isOpen: Bool { PQstatus(handle) == CONNECTION_OK && PQtransactionStatus(handle) == PQTRANS_IDLE }

    /// `text` as an SQL literal.
    /// - Throws: `lost` if libpq cannot quote it.
    func literal(_ text: String) throws(ServerError) -> String {
        let count = text.utf8.count
        guard let quoted = PQescapeLiteral(handle, text, count) else { throw lost() }
        defer { PQfreemem(quoted) }
        return String(cString: quoted)
    }

    // MARK: Failures

    func refusal(_ result: OpaquePointer) -> ServerError {
        guard let state = cpostgres_sqlstate(result), let message = cpostgres_message(result), isAlive(state) else {
            return .lost(cause: Self.line(PQresultErrorMessage(result)))
        }
        return .refused(state: String(cString: state), message: String(cString: message))
    }

    /// Whether the connection survives an error of class `state`: administrators end connections with class 57P.
    private func isAlive(_ state: UnsafePointer<CChar>) -> Bool {
        let state = String(cString: state)
        return PQstatus(handle) == CONNECTION_OK && !state.hasPrefix("57P") && !state.hasPrefix("08")
    }

    func lost() -> ServerError { .lost(cause: Self.line(PQerrorMessage(handle))) }

    /// A libpq message as one line.
    static func line(_ message: UnsafePointer<CChar>?) -> String {
        let text = message.map { String(cString: $0) } ?? ""
        let line = text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0 == " " || $0 == "\t" } }
            .joined(separator: "; ")
        return line.isEmpty ? "the connection is lost" : line
    }
}
