package import RosterModel

/// The last event of the operation log and its code. Printed, stored elsewhere, and checked later, it proves that
/// nothing was cut off.
package struct ChainHead: Sendable, Equatable, CustomStringConvertible {
    /// 0 before the first event.
    package let sequence: Int64
    package let code: [UInt8]

    package static let none = ChainHead(sequence: 0, code: [])

    init(sequence: Int64, code: [UInt8]) {
        self.sequence = sequence
        self.code = code
    }

    /// Parses `SEQUENCE:HEX`.
    /// - Throws: `invalidParameter` for `head` if the text has another form.
    package init(_ text: String) throws(RosterError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence >= 0, parts[0].utf8.allSatisfy(\.isDigit),
            let code = Hex.bytes(parts[1])
        else { throw .invalid("head", "is not of the form NUMBER:HEX that verify prints") }
        self.init(sequence: sequence, code: code)
    }

    package var description: String {
        "\(sequence):" + Hex.text(code)
    }
}

/// Walks the operation log from its first event and verifies its chain.
package struct ChainWalk {
    /// Why the chain is broken, in one line.
    package struct ChainError: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    private let chaining: any EventChaining
    private let expected: ChainHead?
    /// The last event that was verified.
    package private(set) var head = ChainHead.none
    private var hasMetExpected: Bool

    /// Creates a walk.
    /// - Parameter expected: the head of an earlier walk, which the chain must contain.
    package init(chaining: any EventChaining, expected: ChainHead?) {
        self.chaining = chaining
        self.expected = expected
        hasMetExpected = expected == nil || expected == ChainHead.none
    }

    /// Verifies the next event.
    /// - Throws: `ChainError` if `logged` does not follow the previous event, or contradicts the expected head.
    package mutating func step(_ logged: LoggedEvent) throws(ChainError) {
        guard logged.sequence == head.sequence + 1 else {
            throw ChainError(description: "event \(head.sequence + 1) is missing")
        }
        let code = chaining.code(after: head.code, of: logged.event.chainedBytes(sequence: logged.sequence))
        guard code == logged.code else { throw ChainError(description: "event \(logged.sequence) was changed") }
        head = ChainHead(sequence: logged.sequence, code: code)
        if let expected, expected.sequence == head.sequence {
            guard expected == head else {
                throw ChainError(description: "event \(logged.sequence) is another one than the given head tells of")
            }
            hasMetExpected = true
        }
    }

    /// Ends the walk.
    /// - Throws: `ChainError` if the log ended before the expected head.
    package func finish() throws(ChainError) {
        guard hasMetExpected else {
            throw ChainError(
                description: "it ends at event \(head.sequence), the given head is event \(expected?.sequence ?? 0)")
        }
    }
}

extension DirectoryStore {
    /// Walks the whole operation log, verifies its chain, and compares the stored jobs with it.
    /// - Parameter expected: the head of an earlier walk, which the chain must contain.
    /// - Returns: the head, or why the chain is broken.
    /// - Throws: errors of `events` and `inconsistentJob`.
    package func walkLog(
        chaining: any EventChaining, expecting expected: ChainHead?
    ) async throws(StoreError) -> Result<ChainHead, ChainWalk.ChainError> {
        var walk = ChainWalk(chaining: chaining, expected: expected)
        while true {
            let events = try await events(after: walk.head.sequence, limit: 10_000)
            do throws(ChainWalk.ChainError) {
                for event in events { try walk.step(event) }
                if events.isEmpty { try walk.finish() }
            } catch {
                return .failure(error)
            }
            guard events.isEmpty else { continue }
            if let job = try await inconsistentJob() {
                return .failure(
                    ChainWalk.ChainError(description: "the job \(job) is kept otherwise than its events tell"))
            }
            return .success(walk.head)
        }
    }
}
