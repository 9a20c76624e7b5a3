import Foundation
import GRDB
import RosterModel
import RosterStore

extension IdempotencyRecord {
    /// - Parameter row: of `digest, expires, job_id, code, message`.
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

    func write(_ db: Database) throws {
        var job: JobID?
        var error: RosterError?
        switch outcome {
        case .done(let id): job = id
        case .refused(let refusal): error = refusal
        }
        try db.run(
            "INSERT INTO answered_requests (digest, expires, job_id, code, message) VALUES (?, ?, ?, ?, ?)",
            [Data(digest), forgottenAfter.seconds, job?.text, error?.code.rawValue, error?.message ?? ""])
    }
}
