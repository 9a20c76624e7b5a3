import RosterModel
import RosterStore

extension LoginHistory {
    private static let clock = "extract(epoch FROM clock_timestamp())::bigint"

    /// The server's clock and since when logins are recorded, then the logins that were written since a mark.
    static func select(since mark: Int64?) -> [Statement] {
        [
            Statement("SELECT \(clock), number FROM meta WHERE name = '\(sinceName)'"),
            Statement(
                "SELECT hpcuser_id, outcome, time, server FROM logins WHERE write_time >= $1::bigint",
                [.number(start(after: mark))]),
        ]
    }

    /// - Parameter answers: those of `select`.
    init(_ answers: some RandomAccessCollection<Rows>) {
        let answers = Array(answers)
        let rows = answers[1]
        self.init(
            since: Timestamp(seconds: answers[0].number(0, 1)),
            logins: rows.indices.map { row in
                LoginRecord(
                    storedUser: rows.text(row, 0), outcome: rows.text(row, 1), seconds: rows.number(row, 2),
                    server: rows.text(row, 3))
            }, mark: answers[0].number(0, 0))
    }

    /// Sets since when logins are recorded.
    static func set(since time: Timestamp) -> Statement {
        Statement("UPDATE meta SET number = $1::bigint WHERE name = '\(sinceName)'", [.number(time.seconds)])
    }

    /// Writes the records, except those of which the store has a later one.
    static func merge(_ logins: [LoginRecord]) -> Statement {
        var (users, outcomes, servers) = (ArrayParameter(.text), ArrayParameter(.text), ArrayParameter(.text))
        var times = ArrayParameter(.number)
        for login in sorted(logins) {
            users.append(login.user.text)
            outcomes.append(login.outcome.rawValue)
            times.append(login.time.seconds)
            servers.append(login.server.rawValue)
        }
        return Statement(
            """
            INSERT INTO logins (hpcuser_id, outcome, time, server, write_time)
            SELECT *, \(clock) FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
            ON CONFLICT (hpcuser_id, outcome) DO UPDATE SET time = excluded.time, server = excluded.server,
            write_time = excluded.write_time WHERE excluded.time >= logins.time
            """,
            [users.parameter, outcomes.parameter, times.parameter, servers.parameter])
    }
}
