import CPostgres

extension ServerConnection {
    /// Runs statements, sent all at once; after one fails, the rest are not run.
    /// - Parameter silence: how long the server may stay silent.
    /// - Returns: the rows of each statement.
    /// - Throws: the refusal of the first statement that failed; `lost`.
    func run(_ statements: [Statement], silence: Duration? = nil) throws(ServerError) -> [Rows] {
        try answers(to: try queue(statements), silence: silence)
    }

    /// Statements that were sent. Nothing else may run before their answers are read.
    struct PendingBatch: ~Copyable {
        /// One element per step: nil for running a statement, the statement's text for preparing it.
        fileprivate let steps: [String?]
    }

    /// Sends statements completely without waiting for their answers, so that the server works on them meanwhile.
    /// - Throws: `lost`.
    func send(_ statements: [Statement]) throws(ServerError) -> PendingBatch {
        let sent = try queue(statements)
        try waitWhile(nil) { PQflush(handle) != 0 }
        return sent
    }

    private func queue(_ statements: [Statement]) throws(ServerError) -> PendingBatch {
        guard PQenterPipelineMode(handle) == 1 else { throw lost() }
        var sent: [String?] = []
        for statement in statements {
            if prepared[statement.sql] == nil {
                namesGiven += 1
                let name = "s\(namesGiven)"
                prepared[statement.sql] = name
                guard PQsendPrepare(handle, name, statement.sql, 0, nil) == 1 else { throw lost() }
                sent.append(statement.sql)
            }
            try send(statement)
            sent.append(nil)
        }
        guard PQpipelineSync(handle) == 1 else { throw lost() }
        return PendingBatch(steps: sent)
    }

    /// Waits for the answers to what `send` sent.
    /// - Parameter silence: how long the server may stay silent.
    /// - Returns: the rows of each statement.
    /// - Throws: the refusal of the first statement that failed; `lost`.
    func answers(to sent: consuming PendingBatch, silence: Duration? = nil) throws(ServerError) -> [Rows] {
        var failure: ServerError?
        var answers: [Rows] = []
        let statements = sent.steps.count { $0 == nil }
        for sql in sent.steps {
            guard let result = try nextResult(silence) else { throw lost() }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                if sql == nil { answers.append(Rows(result)) } else { PQclear(result) }
            case let status:
                if failure == nil, status != PGRES_PIPELINE_ABORTED { failure = refusal(result) }
                if let sql { prepared[sql] = nil }
                PQclear(result)
            }
            // The terminator of a statement's results.
            if let more = try nextResult(silence) { PQclear(more) }
        }
        guard let end = try nextResult(silence) else { throw lost() }
        let isSynchronous = PQresultStatus(end) == PGRES_PIPELINE_SYNC
        PQclear(end)
        guard isSynchronous, PQexitPipelineMode(handle) == 1 else { throw failure ?? lost() }
        if let failure { throw failure }
        precondition(answers.count == statements, "each statement has an answer of its own")
        return answers
    }

    /// Runs one statement.
    /// - Throws: the server's refusal; `lost`.
    @discardableResult
    func run(_ sql: String, _ parameters: [Parameter] = []) throws(ServerError) -> Rows {
        try run([Statement(sql, parameters)])[0]
    }

    /// Runs a script of statements without parameters.
    /// - Throws: the server's refusal; `lost`.
    func runScript(_ script: String) throws(ServerError) {
        guard PQsendQuery(handle, script) == 1 else { throw lost() }
        try drain()
    }

    private func send(_ statement: Statement) throws(ServerError) {
        let parameters = statement.parameters
        // One buffer for all values. Each is followed by a zero byte, so that even an empty value has an address.
        var bytes: [UInt8] = []
        var offsets: [Int?] = []
        for parameter in parameters {
            offsets.append(parameter.bytes == nil ? nil : bytes.count)
            bytes.append(contentsOf: parameter.bytes ?? [])
            bytes.append(0)
        }
        let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: parameters.count)
        let isSent = bytes.withUnsafeBytes { bytes in
            let values = offsets.map { offset in
                offset.map { bytes.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) } ?? nil
            }
            return PQsendQueryPrepared(
                handle, prepared[statement.sql], Int32(parameters.count), values, lengths, formats, 1)
        }
        guard isSent == 1 else { throw lost() }
    }

    /// The next result; nil at the end of a statement's results.
    func nextResult(_ silence: Duration?) throws(ServerError) -> OpaquePointer? {
        try waitWhile(silence) { PQisBusy(handle) == 1 }
        return PQgetResult(handle)
    }

    /// Reads and drops the remaining results of a statement.
    func drain() throws(ServerError) {
        var failure: ServerError?
        while let result = try nextResult(nil) {
            let status = PQresultStatus(result)
            if status != PGRES_COMMAND_OK, status != PGRES_TUPLES_OK, failure == nil { failure = refusal(result) }
            PQclear(result)
        }
        if let failure { throw failure }
    }
}
