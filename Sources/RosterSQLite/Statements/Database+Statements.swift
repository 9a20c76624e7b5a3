import GRDB

// Preparing a statement costs more than running most of them, so they are kept with their connection.
extension Database {
    /// Runs a statement that is kept for the next time.
    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// The first row that a kept statement gives; nil where there is none.
    func firstRow(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }

    /// Whether a kept statement gives any row.
    func hasRow(_ sql: String, _ arguments: StatementArguments) throws -> Bool {
        try firstRow(sql, arguments) != nil
    }

    /// The rows of a kept statement, each of which is valid until the next one is asked for.
    func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> RowCursor {
        try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
    }

    /// What `body` makes of each row of a kept statement.
    func all<Value>(_ sql: String, _ arguments: StatementArguments, _ body: (Row) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        let rows = try rows(sql, arguments)
        while let row = try rows.next() { values.append(try body(row)) }
        return values
    }
}
