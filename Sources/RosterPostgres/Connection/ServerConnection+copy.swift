import CPostgres

extension ServerConnection {
    /// Calls `body` with each row that `query` returns. The values are valid during the call; NULL has no base address.
    /// - Parameter columns: how many columns the rows have.
    /// - Throws: the server's refusal; `lost`.
    func copy(
        _ query: String, columns: Int, _ body: (borrowing CopiedRow) -> Void
    ) throws(ServerError) {
        guard PQsendQuery(handle, "COPY (\(query)) TO STDOUT (FORMAT binary)") == 1 else { throw lost() }
        guard let begin = try nextResult(nil) else { throw lost() }
        defer { PQclear(begin) }
        guard PQresultStatus(begin) == PGRES_COPY_OUT else {
            let failure = refusal(begin)
            try drain()
            throw failure
        }
        precondition(PQnfields(begin) == Int32(columns), "a query gives other columns than are read")
        var row = CopiedRow(columns: columns)
        while let message = try nextCopyMessage() {
            defer { PQfreemem(message.start) }
            let bytes = UnsafeRawBufferPointer(start: message.start, count: message.count)
            if try row.read(bytes) { body(row) }
        }
        try drain()
    }

    private func nextCopyMessage() throws(ServerError) -> (start: UnsafeMutablePointer<CChar>, count: Int)? {
        var start: UnsafeMutablePointer<CChar>?
        var count: Int32 = 0
        try waitWhile(nil) {
            count = PQgetCopyData(handle, &start, 1)
            return count == 0
        }
        guard count != -2 else { throw lost() }
        guard count > 0, let start else { return nil }
        return (start, Int(count))
    }
}
