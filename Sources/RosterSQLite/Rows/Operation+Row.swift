import GRDB
import RosterModel
import RosterStore

import struct Foundation.Data
import class Foundation.JSONEncoder

extension LoggedEvent {
    static func fetch(_ db: Database, after sequence: Int64, limit: Int) throws -> [LoggedEvent] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT sequence, job_id, time, action, owner, submitter, origin, clusters, resources, status,
                    error_code, message, code FROM operations WHERE sequence > ? ORDER BY sequence LIMIT ?
                    """),
            arguments: [sequence, limit]
        ).map(LoggedEvent.init)
    }

    /// The sequence and code of the last event; (0, []) if the log is empty.
    static func last(_ db: Database) throws -> (sequence: Int64, code: [UInt8]) {
        let row = try db.firstRow("SELECT sequence, code FROM operations ORDER BY sequence DESC LIMIT 1")
        return row.map { ($0[0], Array($0[1] as Data)) } ?? (0, [])
    }

    private init(_ row: Row) {
        let event = OperationEvent(
            job: JobID(stored: row[1]), time: Timestamp(seconds: row[2]), action: row[3],
            owner: (row[4] as String?).map { AccountID(stored: $0) }, submitter: row[5], origin: row[6],
            clusters: OperationEvent.words(row[7]).map { ClusterID(stored: $0) },
            resources: OperationEvent.words(row[8]),
            status: OperationEvent.Status(rawValue: row[9]) ?? .failed,
            error: (row[10] as String?).map { RosterError.Code(rawValue: $0) ?? .internalError },
            message: row[11])
        self.init(sequence: row[0], event: event, code: Array(row[12] as Data))
    }

    /// Appends the event to the log, and records its job.
    func insert(_ db: Database) throws {
        try db.run(
            """
            INSERT INTO operations (sequence, job_id, time, action, owner, submitter, origin, clusters, resources,
            status, error_code, message, code) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                sequence, event.job.text, event.time.seconds, event.action, event.owner?.text, event.submitter,
                event.origin, event.clusterText,
                event.resourceText, event.status.rawValue, event.error?.rawValue, event.message,
                Data(code),
            ])
        try recordJob(db)
    }
}

// MARK: Jobs

extension LoggedEvent {
    /// Creates the job of the event, or updates its status.
    func recordJob(_ db: Database) throws {
        try db.run(
            "UPDATE jobs SET last_sequence = ?, status = ? WHERE job_id = ?",
            [sequence, event.status.rawValue, event.job.text])
        guard db.changesCount == 0 else { return }
        try db.run(
            """
            INSERT INTO jobs (job_id, first_sequence, last_sequence, status, action, owner, create_time)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                event.job.text, sequence, sequence, event.status.rawValue, event.action, event.owner?.text,
                event.time.seconds,
            ])
        let ordinal = db.lastInsertedRowID
        let links = event.clusters.map { ("c", $0.text) } + event.resources.map { ("r", $0) }
        for (kind, value) in links where !value.isEmpty {
            try db.run(
                "INSERT OR IGNORE INTO job_links (kind, value, ordinal) VALUES (?, ?, ?)", [kind, value, ordinal])
        }
    }
}

extension Operation {
    /// - Parameter row: of `JobQueries.columns`.
    private init(_ row: Row) {
        let first = OperationEvent(
            job: JobID(stored: row[0]), time: Timestamp(seconds: row[7]), action: row[1],
            owner: (row[2] as String?).map { AccountID(stored: $0) }, submitter: row[3], origin: row[4],
            clusters: OperationEvent.words(row[5]).map { ClusterID(stored: $0) },
            resources: OperationEvent.words(row[6]),
            status: .pending)
        var last = first
        last.status = OperationEvent.Status(rawValue: row[8]) ?? .failed
        last.time = Timestamp(seconds: row[9])
        last.error = (row[10] as String?).map { RosterError.Code(rawValue: $0) ?? .internalError }
        last.message = row[11]
        self.init(first: first, last: last)
    }

    /// The jobs that match `query`, and their total number.
    static func fetch(_ db: Database, _ query: OperationQuery) throws -> OperationPage {
        let queries = JobQueries(query, dialect)
        func operations(_ query: JobQueries.Query, _ last: inout Int64?) throws -> [Operation] {
            var operations: [Operation] = []
            let rows = try Row.fetchCursor(db, sql: query.sql, arguments: try arguments(query.values))
            while let row = try rows.next() {
                operations.append(Operation(row))
                last = row[12]
            }
            return operations
        }
        var last: Int64?
        guard !queries.hasSearchWord else {
            return try query.pageBySearching { try operations(queries.chunk(after: last, limit: 10_000), &last) }
        }
        let count = queries.count()
        let total = try Int.fetchOne(db, sql: count.sql, arguments: try arguments(count.values))
        return query.page(of: try operations(queries.page(), &last), totalCount: total ?? 0)
    }

    private static let dialect = JobQueries.Dialect(
        isAmong: "IN (SELECT value FROM json_each(?))", contains: { "instr(lower(\($0)), ?) > 0" },
        isNotASCII: { "length(CAST(\($0) AS BLOB)) <> length(\($0))" })

    private static func arguments(_ values: [JobQueries.Value]) throws -> StatementArguments {
        StatementArguments(
            try values.map { value -> DatabaseValue in
                switch value {
                case .text(let text): return text.databaseValue
                case .number(let number): return number.databaseValue
                case .texts(let texts):
                    return String(decoding: try JSONEncoder().encode(texts), as: UTF8.self).databaseValue
                }
            })
    }

    /// The first job found that differs from its events.
    static func inconsistent(_ db: Database) throws -> JobID? {
        let row = try db.firstRow(JobQueries.inconsistent)
        return (row?[0] as String?).map { JobID(stored: $0) }
    }
}
