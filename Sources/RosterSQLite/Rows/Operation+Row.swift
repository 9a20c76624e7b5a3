import Foundation
import GRDB
import RosterModel

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

    /// The sequence and code of the last event; (0, []) where there is none.
    static func last(_ db: Database) throws -> (sequence: Int64, code: [UInt8]) {
        let row = try db.firstRow("SELECT sequence, code FROM operations ORDER BY sequence DESC LIMIT 1")
        return row.map { ($0[0], Array($0[1] as Data)) } ?? (0, [])
    }

    private init(_ row: Row) {
        let event = OperationEvent(
            job: JobID(stored: row[1]), time: Timestamp(seconds: row[2]), action: row[3],
            owner: (row[4] as String?).map { AccountID(stored: $0) }, submitter: row[5], origin: row[6],
            clusters: Self.words(row[7]).map { ClusterID(stored: $0) }, resources: Self.words(row[8]),
            status: OperationEvent.Status(rawValue: row[9]) ?? .failed,
            error: (row[10] as String?).map { RosterError.Code(rawValue: $0) ?? .internalError },
            message: row[11])
        self.init(sequence: row[0], event: event, code: Array(row[12] as Data))
    }

    private static func words(_ text: String) -> [String] {
        text.split(separator: " ").map(String.init)
    }

    func insert(_ db: Database) throws {
        try db.run(
            """
            INSERT INTO operations (sequence, job_id, time, action, owner, submitter, origin, clusters, resources,
            status, error_code, message, code) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                sequence, event.job.text, event.time.seconds, event.action, event.owner?.text, event.submitter,
                event.origin, event.clusters.map(\.text).joined(separator: " "),
                event.resources.joined(separator: " "), event.status.rawValue, event.error?.rawValue, event.message,
                Data(code),
            ])
    }
}
