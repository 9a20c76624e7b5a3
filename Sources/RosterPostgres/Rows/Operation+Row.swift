import RosterModel
import RosterStore

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
            clusters: OperationEvent.words(rows.text(row, 7)).map { ClusterID(stored: $0) },
            resources: OperationEvent.words(rows.text(row, 8)),
            status: OperationEvent.Status(rawValue: rows.text(row, 9)) ?? .failed,
            error: rows.textOrNil(row, 10).map { RosterError.Code(rawValue: $0) ?? .internalError },
            message: rows.text(row, 11))
        self.init(sequence: rows.number(row, 0), event: event, code: rows.copy(row, 12))
    }
}

/// Events to write, as columns.
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
        texts[5].append(event.clusterText)
        texts[6].append(event.resourceText)
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

// MARK: Jobs

extension LoggedEvent {
    /// Creates the jobs of events that the jobs do not include yet, or updates their status. This covers events that a
    /// program without jobs appended during a rolling upgrade.
    ///
    /// Both ends of the range are given, so that the server sees that it is short and uses its indexes.
    /// - Parameters:
    ///   - sequence: the last event that the jobs include (`selectLastOfJobs`).
    ///   - last: the last event of the log.
    static func recordJobs(after sequence: Int64, through last: Int64) -> Statement {
        Statement(recordJobs(range: "$1::bigint + 1 AND $2::bigint"), [.number(sequence), .number(last)])
    }

    /// The last event that the jobs include; 0 if there is none.
    static let selectLastOfJobs = "SELECT coalesce(max(last_sequence), 0) FROM jobs"

    /// - Parameter range: a range of sequences, as it follows BETWEEN.
    static func recordJobs(range: String) -> String {
        """
        WITH new AS (
            SELECT job_id, min(sequence) AS first, max(sequence) AS last FROM operations
            WHERE sequence BETWEEN \(range) GROUP BY job_id
        ),
        changed AS (
            UPDATE jobs SET last_sequence = new.last, status = l.status
            FROM new JOIN operations l ON l.sequence = new.last WHERE jobs.job_id = new.job_id RETURNING jobs.job_id
        ),
        begun AS (
            INSERT INTO jobs (ordinal, job_id, first_sequence, last_sequence, status, action, owner, create_time)
            SELECT (SELECT coalesce(max(ordinal), 0) FROM jobs) + row_number() OVER (ORDER BY new.first), new.job_id,
            new.first, new.last, l.status, f.action, f.owner, f.time
            FROM new JOIN operations f ON f.sequence = new.first JOIN operations l ON l.sequence = new.last
            WHERE new.job_id NOT IN (SELECT job_id FROM changed) RETURNING ordinal, first_sequence
        )
        INSERT INTO job_links (kind, value, ordinal)
        SELECT DISTINCT w.kind, w.value, begun.ordinal FROM begun JOIN operations f ON f.sequence = begun.first_sequence
        CROSS JOIN LATERAL (
            SELECT 'c', unnest(string_to_array(f.clusters, ' '))
            UNION ALL SELECT 'r', unnest(string_to_array(f.resources, ' '))
        ) w (kind, value) WHERE w.value <> ''
        """
    }
}

extension Operation {
    /// - Parameter rows: of `JobQueries.columns`.
    private init(_ rows: Rows, _ row: Int) {
        let first = OperationEvent(
            job: JobID(stored: rows.text(row, 0)), time: Timestamp(seconds: rows.number(row, 7)),
            action: rows.text(row, 1), owner: rows.textOrNil(row, 2).map { AccountID(stored: $0) },
            submitter: rows.text(row, 3), origin: rows.text(row, 4),
            clusters: OperationEvent.words(rows.text(row, 5)).map { ClusterID(stored: $0) },
            resources: OperationEvent.words(rows.text(row, 6)), status: .pending)
        var last = first
        last.status = OperationEvent.Status(rawValue: rows.text(row, 8)) ?? .failed
        last.time = Timestamp(seconds: rows.number(row, 9))
        last.error = rows.textOrNil(row, 10).map { RosterError.Code(rawValue: $0) ?? .internalError }
        last.message = rows.text(row, 11)
        self.init(first: first, last: last)
    }

    /// The jobs that match `query`, and their total number.
    static func fetch(_ connection: ServerConnection, _ query: OperationQuery) throws -> OperationPage {
        let queries = JobQueries(query, dialect)
        guard queries.hasSearchWord else {
            let answers = try connection.run([statement(queries.count()), statement(queries.page())])
            let rows = answers[1]
            return query.page(of: rows.indices.map { Operation(rows, $0) }, totalCount: Int(answers[0].number(0, 0)))
        }
        var last: Int64?
        return try query.pageBySearching {
            let rows = try connection.run([statement(queries.chunk(after: last, limit: 10_000))])[0]
            if let end = rows.indices.last { last = rows.number(end, 12) }
            return rows.indices.map { Operation(rows, $0) }
        }
    }

    private static let dialect = JobQueries.Dialect(
        isAmong: "= ANY(?)", contains: { "strpos(lower(\($0) COLLATE \"C\"), ?) > 0" },
        isNotASCII: { "octet_length(\($0)) <> length(\($0))" })

    private static func statement(_ query: JobQueries.Query) -> Statement {
        var parameters: [Parameter] = []
        let parts = query.sql.split(separator: "?", omittingEmptySubsequences: false)
        var sql = String(parts[0])
        for (value, part) in zip(query.values, parts.dropFirst()) {
            let type: String
            switch value {
            case .text(let text): (type, _) = ("text", parameters.append(.text(text)))
            case .number(let number): (type, _) = ("bigint", parameters.append(.number(number)))
            case .texts(let texts): (type, _) = ("text[]", parameters.append(.texts(texts)))
            }
            sql += "$\(parameters.count)::\(type)\(part)"
        }
        return Statement(sql, parameters)
    }
}
