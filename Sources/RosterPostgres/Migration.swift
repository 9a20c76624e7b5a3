import Roster

/// Brings the schema of a database to the newest step.
struct Migration {
    let connection: ServerConnection

    /// What a database says of its schema.
    private enum Found {
        case absent
        case step(Int)
    }

    /// Whether the schema is as this program needs it.
    /// - Throws: `OpenFault` where a newer program made it; `ServerError`.
    func isDone() throws -> Bool {
        switch try look() {
        case .absent: return false
        case .step(let step):
            guard step <= Schema.steps.count else {
                throw PostgresStore.OpenFault(
                    description: "the store was made by a newer version of roster (schema step \(step), this one knows "
                        + "\(Schema.steps.count)): upgrade this program")
            }
            return step == Schema.steps.count
        }
    }

    /// Runs the steps that are missing, all of them or none. Another program that does the same at the same time waits, and
    /// then finds nothing to do.
    /// - Throws: `OpenFault` where the role may not, or a newer program was there first; `ServerError`.
    func run() throws {
        try connection.run("BEGIN")
        do {
            try connection.run("SELECT pg_advisory_xact_lock($1::bigint)", [.number(Schema.lockKey)])
            if try !isDone() {
                var done = 0
                if case .step(let step) = try look() { done = step }
                if done == 0 {
                    try connection.runScript(
                        """
                        CREATE SCHEMA IF NOT EXISTS \(Schema.name);
                        CREATE TABLE schema_steps (step bigint PRIMARY KEY, time timestamptz NOT NULL DEFAULT now());
                        """)
                }
                for step in (done + 1)...Schema.steps.count {
                    try connection.runScript(Schema.steps[step - 1])
                    try connection.run("INSERT INTO schema_steps (step) VALUES ($1::bigint)", [.number(Int64(step))])
                }
            }
            try connection.run("COMMIT")
        } catch {
            _ = try? connection.run("ROLLBACK")
            if case ServerError.refused("42501", let message) = error {
                throw PostgresStore.OpenFault(
                    description: "the store's schema must be made or upgraded, and this database role may not do it "
                        + "(\(message)): run roster store migrate as the role that owns the database")
            }
            throw error
        }
    }

    private func look() throws(ServerError) -> Found {
        // The table, not the schema: an administrator may have made the schema and given it to the role. The rows of the
        // catalogue, not `to_regclass`: that answers from a cache, which after the wait for the lock may still tell of before.
        let known = try connection.run(
            """
            SELECT EXISTS (SELECT FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
            WHERE n.nspname = '\(Schema.name)' AND t.relname = 'schema_steps')
            """)
        guard known.number(0, 0) != 0 else { return .absent }
        let steps = try connection.run("SELECT coalesce(max(step), 0) FROM \(Schema.name).schema_steps")
        return .step(Int(steps.number(0, 0)))
    }
}
