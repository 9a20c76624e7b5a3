import Foundation
import GRDB
import RosterModel
import RosterStore

extension IdempotencyRecord {
    static let select = "SELECT digest, expires, job_id, code, message FROM answered_requests"

    /// - Parameter row: of `select`.
    init(_ row: Row) {
        let outcome: Outcome =
            if let code = row[3] as String? {
                .refused(RosterError(.init(rawValue: code) ?? .internalError, row[4]))
            } else {
                .done((row[2] as String?).map { JobID(stored: $0) })
            }
        self.init(
            digest: Array(row[0] as Data), forgottenAfter: Timestamp(seconds: row[1]), outcome: outcome)
    }

    /// Remembers the request; one that nobody may ask for any more makes room.
    func upsert(_ db: Database) throws {
        var job: JobID?
        var error: RosterError?
        switch outcome {
        case .done(let id): job = id
        case .refused(let refusal): error = refusal
        }
        try db.run(
            """
            INSERT INTO answered_requests (digest, expires, job_id, code, message) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (digest) DO UPDATE SET expires = excluded.expires, job_id = excluded.job_id,
            code = excluded.code, message = excluded.message
            """,
            [Data(digest), forgottenAfter.seconds, job?.text, error?.code.rawValue, error?.message ?? ""])
    }
}
