import RosterModel
import RosterStore

/// Upgrades the schema of a database to the newest step.
struct Migration {
    let connection: ServerConnection

    /// The schema step of a database.
    private enum Found {
        case absent
        case step(Int)
    }

    /// Checks that the database can store every text, which only UTF-8 can.
    /// - Throws: `OpenError` if it cannot; `ServerError`.
    func checkEncoding() throws {
        let encoding = try connection.run("SELECT current_setting('server_encoding'), current_database()::text")
        guard encoding.text(0, 0) != "UTF8" else { return }
        throw PostgresStore.OpenError(
            description:
                "the database \(encoding.text(0, 1)) is in \(encoding.text(0, 0)), which does not keep every name: make "
                + "it anew with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0")
    }

    /// Whether the schema is at the step that this program needs.
    /// - Throws: `OpenError` if a newer program made it; `ServerError`.
    func isDone() throws -> Bool {
        switch try findStep() {
        case .absent: return false
        case .step(let step):
            guard step <= Schema.steps.count else {
                throw PostgresStore.OpenError(
                    description: "the store was made by a newer version of roster (schema step \(step), this one knows "
                        + "\(Schema.steps.count)): upgrade this program")
            }
            return step == Schema.steps.count
        }
    }

    /// How far the schema is.
    /// - Throws: `ServerError`.
    func state() throws -> SchemaState {
        var found = 0
        if case .step(let step) = try findStep() { found = step }
        let owner = try connection.run(
            """
            SELECT pg_get_userbyid(nspowner)::text, pg_has_role(nspowner, 'USAGE') FROM pg_namespace
            WHERE nspname = '\(Schema.name)'
            """)
        let isForeign = owner.count > 0 && owner.number(0, 1) == 0
        return SchemaState(
            step: found, newest: Schema.steps.count, isNewer: found > Schema.steps.count,
            owner: isForeign ? owner.text(0, 0) : nil)
    }

    /// Runs the missing steps, all or none. Another program that does the same concurrently waits, and then finds
    /// nothing to do.
    /// - Throws: `OpenError` if the role lacks the rights, or a newer program was faster; `ServerError`.
    func run() throws {
        try connection.run(DirectoryReader.beginWriting)
        do {
            try connection.run("SELECT pg_advisory_xact_lock($1::bigint)", [.number(Schema.lockKey)])
            if try !isDone() {
                var done = 0
                if case .step(let step) = try findStep() { done = step }
                if done == 0 {
                    try makeSchema()
                    try connection.runScript(
                        "CREATE TABLE schema_steps (step bigint PRIMARY KEY, time timestamptz NOT NULL DEFAULT now())")
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
                throw PostgresStore.OpenError(
                    description: "the store's schema must be made or upgraded, and this database role may not do it "
                        + "(\(message)): run roster store migrate as the role that owns the database")
            }
            throw error
        }
    }

    /// Creates the schema if it does not exist: an administrator may have created it for the role.
    private func makeSchema() throws {
        let found = try connection.run(
            """
            SELECT pg_get_userbyid(nspowner)::text, has_schema_privilege(nspname, 'CREATE') FROM pg_namespace
            WHERE nspname = '\(Schema.name)'
            """)
        guard found.count > 0 else { return try connection.runScript("CREATE SCHEMA \(Schema.name)") }
        guard found.number(0, 1) != 0 else {
            throw PostgresStore.OpenError(
                description:
                    "the schema \(Schema.name) belongs to the role \(found.text(0, 0)), and this role may make no "
                    + "tables in it: run roster store migrate as that role, or ALTER SCHEMA \(Schema.name) OWNER TO this one"
            )
        }
    }

    private func findStep() throws(ServerError) -> Found {
        // Checks the table rather than the schema, which an administrator may have created for the role. Checks the
        // catalog rather than to_regclass, whose cache may predate the lock that was waited for.
        let known = try connection.run(
            """
            SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = '\(Schema.name)' AND c.relname = 'schema_steps'
            """)
        guard known.count > 0 else { return .absent }
        let steps = try connection.run("SELECT coalesce(max(step), 0) FROM \(Schema.name).schema_steps")
        return .step(Int(steps.number(0, 0)))
    }
}
