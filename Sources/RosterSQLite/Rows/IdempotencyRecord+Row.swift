import Foundation
import GRDB
import RosterModel
import RosterStore

extension IdempotencyRecord {
    static let select = "SELECT digest, expires, job_id, code, message FROM answered_requests"

    /// - Parameter row: of `select`.
    init(_ row: Row) {
        self.init(
            digest: Array(row[0] as Data), forgottenAfter: Timestamp(seconds: row[1]),
            outcome: Outcome(job: row[2], code: row[3], message: row[4]))
    }

    /// Writes the record; one with the same digest is replaced, because it has expired.
    func upsert(_ db: Database) throws {
        let (job, code, message) = outcome.columns
        try db.run(
            """
            INSERT INTO answered_requests (digest, expires, job_id, code, message) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (digest) DO UPDATE SET expires = excluded.expires, job_id = excluded.job_id,
            code = excluded.code, message = excluded.message
            """,
            [Data(digest), forgottenAfter.seconds, job, code, message])
    }
}
