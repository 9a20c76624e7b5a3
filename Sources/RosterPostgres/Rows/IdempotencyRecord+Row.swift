import RosterModel
import RosterStore

extension IdempotencyRecord {
    static let select = "SELECT digest, expires, job_id, code, message FROM answered_requests"

    /// - Parameter rows: of `select`.
    init(_ rows: Rows, _ row: Int) {
        self.init(
            digest: rows.copy(row, 0), forgottenAfter: Timestamp(seconds: rows.number(row, 1)),
            outcome: Outcome(job: rows.textOrNil(row, 2), code: rows.textOrNil(row, 3), message: rows.text(row, 4)))
    }
}

/// Idempotency records to write, as columns.
struct RequestRows {
    private(set) var count = 0
    private var digests = ArrayParameter(.bytes)
    private var expires = ArrayParameter(.number)
    private var texts = [ArrayParameter](repeating: ArrayParameter(.text), count: 3)

    mutating func add(_ request: IdempotencyRecord) {
        count += 1
        let (job, code, message) = request.outcome.columns
        digests.append(bytes: request.digest)
        expires.append(request.forgottenAfter.seconds)
        texts[0].append(job)
        texts[1].append(code)
        texts[2].append(message)
    }

    /// Writes the records; one with the same digest is replaced, because it has expired.
    var upsert: Statement {
        Statement(
            """
            INSERT INTO answered_requests (digest, expires, job_id, code, message)
            SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::text[], $4::text[], $5::text[])
            ON CONFLICT (digest) DO UPDATE SET expires = excluded.expires, job_id = excluded.job_id,
            code = excluded.code, message = excluded.message
            """,
            [digests.parameter, expires.parameter] + texts.map(\.parameter))
    }
}
