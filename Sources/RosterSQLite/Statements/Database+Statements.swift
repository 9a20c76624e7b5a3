import GRDB

// Preparing a statement costs more than running most of them, so statements are cached with their connection.
extension Database {
    /// Runs a cached statement.
    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// The first row of a cached statement; nil if there is none.
    func firstRow(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }

    /// Whether a cached statement returns any row.
    func hasRow(_ sql: String, _ arguments: StatementArguments) throws -> Bool {
        try firstRow(sql, arguments) != nil
    }

    /// The rows of a cached statement; each is valid until the next one is read.
    func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> RowCursor {
        try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
    }

    /// The results of `body` for each row of a cached statement.
    func all<Value>(_ sql: String, _ arguments: StatementArguments, _ body: (Row) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        let rows = try rows(sql, arguments)
        while let row = try rows.next() { values.append(try body(row)) }
        return values
    }
}
