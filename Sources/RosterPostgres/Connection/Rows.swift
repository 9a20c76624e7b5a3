import CPostgres
import RosterModel

/// The rows that a statement returned, with values in PostgreSQL's binary form.
final class Rows {
    private let result: OpaquePointer

    /// Takes ownership of `result`.
    init(_ result: OpaquePointer) {
        self.result = result
    }

    deinit {
        PQclear(result)
    }

    var count: Int { Int(PQntuples(result)) }

    var indices: Range<Int> { 0..<count }

    /// The value's bytes, valid for the lifetime of this object; NULL is an empty buffer without a base address.
    func bytes(_ row: Int, _ column: Int) -> UnsafeBufferPointer<UInt8> {
        let (row, column) = (Int32(row), Int32(column))
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else {
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        let count = Int(PQgetlength(result, row, column))
        return UnsafeBufferPointer(start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self), count: count)
    }

    /// A copy of the value; empty for NULL.
    func copy(_ row: Int, _ column: Int) -> [UInt8] { Array(bytes(row, column)) }

    func isNull(_ row: Int, _ column: Int) -> Bool { PQgetisnull(result, Int32(row), Int32(column)) != 0 }

    /// An integer of any size, or a boolean; 0 for NULL.
    func number(_ row: Int, _ column: Int) -> Int64 { bytes(row, column).bigEndianNumber }

    func numberOrNil(_ row: Int, _ column: Int) -> Int64? { isNull(row, column) ? nil : number(row, column) }

    /// Empty for NULL.
    func text(_ row: Int, _ column: Int) -> String { String(decoding: bytes(row, column), as: UTF8.self) }

    func textOrNil(_ row: Int, _ column: Int) -> String? { isNull(row, column) ? nil : text(row, column) }
}

extension UnsafeBufferPointer<UInt8> {
    /// The bytes as a big-endian signed number; 0 if there are none.
    var bigEndianNumber: Int64 {
        guard let first else { return 0 }
        var number = Int64(Int8(bitPattern: first))
        for byte in dropFirst() { number = number << 8 | Int64(byte) }
        return number
    }
}
