import RosterModel
import RosterStore

extension IdempotencyRecord {
    static let select = "SELECT digest, expires, job_id, code, message FROM answered_requests"

    /// - Parameter rows: of `select`.
    init(_ rows: Rows, _ row: Int) {
        let outcome: Outcome =
            if let code = rows.textOrNil(row, 3) {
                .refused(RosterError(.init(rawValue: code) ?? .internalError, rows.text(row, 4)))
            } else {
                .done(rows.textOrNil(row, 2).map { JobID(stored: $0) })
            }
        self.init(
            digest: rows.copy(row, 0), forgottenAfter: Timestamp(seconds: rows.number(row, 1)), outcome: outcome)
    }
}

/// Answered requests to be written, as columns.
struct RequestRows {
    private(set) var count = 0
    private var digests = ArrayParameter(.bytes)
    private var expires = ArrayParameter(.number)
    private var texts = [ArrayParameter](repeating: ArrayParameter(.text), count: 3)

    mutating func add(_ request: IdempotencyRecord) {
        count += 1
        var job: JobID?
        var error: RosterError?
        switch request.outcome {
        case .done(let id): job = id
        case .refused(let refusal): error = refusal
        }
        digests.append(bytes: request.digest)
        expires.append(request.forgottenAfter.seconds)
        texts[0].append(job?.text)
        texts[1].append(error?.code.rawValue)
        texts[2].append(error?.message ?? "")
    }

    /// Remembers the requests; one that nobody would take any more makes room.
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
