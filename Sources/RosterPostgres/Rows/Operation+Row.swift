import RosterModel

extension LoggedEvent {
    /// The events above $1, in order, at most $2.
    static let select = """
        SELECT sequence, job_id, time, action, owner, submitter, origin, clusters, resources, status, error_code, message,
        code FROM operations WHERE sequence > $1::bigint ORDER BY sequence LIMIT $2::bigint
        """

    /// The last event and its code.
    static let selectLast = "SELECT sequence, code FROM operations ORDER BY sequence DESC LIMIT 1"

    /// - Parameter rows: of `select`.
    init(_ rows: Rows, _ row: Int) {
        let event = OperationEvent(
            job: JobID(stored: rows.text(row, 1)), time: Timestamp(seconds: rows.number(row, 2)),
            action: rows.text(row, 3), owner: rows.textOrNil(row, 4).map { AccountID(stored: $0) },
            submitter: rows.text(row, 5), origin: rows.text(row, 6),
            clusters: Self.words(rows.text(row, 7)).map { ClusterID(stored: $0) },
            resources: Self.words(rows.text(row, 8)),
            status: OperationEvent.Status(rawValue: rows.text(row, 9)) ?? .failed,
            error: rows.textOrNil(row, 10).map { RosterError.Code(rawValue: $0) ?? .internalError },
            message: rows.text(row, 11))
        self.init(sequence: rows.number(row, 0), event: event, code: rows.copy(row, 12))
    }

    private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
}

/// Events to be written, as columns.
struct EventRows {
    private(set) var count = 0
    private var texts = [ArrayParameter](repeating: ArrayParameter(.text), count: 10)
    private var numbers = [ArrayParameter](repeating: ArrayParameter(.number), count: 2)
    private var codes = ArrayParameter(.bytes)

    mutating func add(_ logged: LoggedEvent) {
        count += 1
        let event = logged.event
        texts[0].append(event.job.text)
        texts[1].append(event.action)
        texts[2].append(event.owner?.text)
        texts[3].append(event.submitter)
        texts[4].append(event.origin)
        texts[5].append(event.clusters.map(\.text).joined(separator: " "))
        texts[6].append(event.resources.joined(separator: " "))
        texts[7].append(event.status.rawValue)
        texts[8].append(event.error?.rawValue)
        texts[9].append(event.message)
        numbers[0].append(logged.sequence)
        numbers[1].append(event.time.seconds)
        codes.append(bytes: logged.code)
    }

    var insert: Statement {
        Statement(
            """
            INSERT INTO operations (job_id, action, owner, submitter, origin, clusters, resources, status, error_code,
            message, sequence, time, code)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::bytea[])
            """,
            texts.map(\.parameter) + numbers.map(\.parameter) + [codes.parameter])
    }
}
