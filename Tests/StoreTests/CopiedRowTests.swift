import RosterModel
import RosterSnapshot
import RosterStore
import Testing

@testable import RosterPostgres

/// Messages of a binary COPY (PostgreSQL's page of COPY, "Binary Format").
@Suite(.timeLimit(.minutes(5))) struct CopiedRowTests {
    private static let head = Array("PGCOPY\n".utf8) + [0xFF, 13, 10, 0] + [0, 0, 0, 0] + [0, 0, 0, 0]
    private static let end: [UInt8] = [0xFF, 0xFF]

    /// A row of fields; nil is NULL.
    private static func row(_ fields: [String?]) -> [UInt8] {
        var bytes: [UInt8] = [0, UInt8(fields.count)]
        for field in fields {
            if let field {
                bytes += [0, 0, 0, UInt8(field.utf8.count)] + Array(field.utf8)
            } else {
                bytes += [0xFF, 0xFF, 0xFF, 0xFF]
            }
        }
        return bytes
    }

    /// What a row of two columns reads; nil where there is none.
    private func read(_ message: [UInt8]) throws(ServerError) -> [String?]? {
        var row = CopiedRow(columns: 2)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: message.count, alignment: 1)
        defer { bytes.deallocate() }
        bytes.copyBytes(from: message)
        guard try row.read(UnsafeRawBufferPointer(bytes)) else { return nil }
        return [text(row[0]), text(row[1])]
    }

    private func text(_ field: UnsafeBufferPointer<UInt8>) -> String? {
        field.baseAddress == nil ? nil : String(decoding: field, as: UTF8.self)
    }

    @Test func readsRowsAndPassesTheHeadAndTheEnd() throws {
        #expect(try read(Self.row(["a", nil])) == ["a", nil])
        #expect(try read(Self.head + Self.row(["", "bc"])) == ["", "bc"])
        #expect(try read(Self.head) == nil)
        #expect(try read(Self.head + Self.end) == nil)
        #expect(try read(Self.end) == nil)
    }

    /// A row that is passed over is a user who is gone: every other message is a fault.
    @Test func noRowIsLeftOutWithoutAWord() {
        let whole = Self.row(["abc", "d"])
        let others: [[UInt8]] = [Self.row(["a"]), Self.row(["a", "b", "c"]), [0, 0]]
        for message in (0..<whole.count).map({ Array(whole[..<$0]) }) + others {
            #expect(throws: ServerError.self, "\(message)") { try read(message) }
        }
        // A negative length of what follows the head.
        #expect(throws: ServerError.self) { try read(Array(Self.head.dropLast(4)) + [0xFF, 0xFF, 0xFF, 0] + whole) }
    }
}
