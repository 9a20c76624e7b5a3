import RosterModel

/// A row of a binary COPY, split into its column values.
struct CopiedRow: ~Copyable {
    /// The values, valid until the next row is read; NULL has no base address.
    private let values: UnsafeMutableBufferPointer<UnsafeBufferPointer<UInt8>>

    init(columns: Int) {
        values = .allocate(capacity: columns)
        values.initialize(repeating: UnsafeBufferPointer(start: nil, count: 0))
    }

    deinit {
        values.deallocate()
    }

    subscript(column: Int) -> UnsafeBufferPointer<UInt8> {
        // Nothing else checks the bounds of this memory.
        precondition(values.indices.contains(column), "a row is read with the columns of another query")
        return values[column]
    }

    /// The signature at the start of a COPY (PostgreSQL's page on COPY, "Binary Format").
    private static let signature = Array("PGCOPY\n".utf8) + [0xFF, 13, 10, 0]

    /// Reads a message of a COPY; its bytes must stay valid while the row is used.
    /// - Returns: whether the message holds a row; a header without a row and the trailer do not.
    /// - Throws: `lost` for a malformed message, so that no row is dropped silently.
    mutating func read(_ message: UnsafeRawBufferPointer) throws(ServerError) -> Bool {
        let malformed = ServerError.lost(cause: "a row of a COPY is malformed")
        var offset = 0
        if message.count >= 19, message.prefix(11).elementsEqual(Self.signature) {
            let extensionLength = Int(Self.number32(message, 15))
            guard extensionLength >= 0 else { throw malformed }
            offset = 19 + extensionLength
            if message.count == offset { return false }
        }
        guard message.count >= offset + 2 else { throw malformed }
        let count = Int(Int16(bitPattern: UInt16(message[offset]) << 8 | UInt16(message[offset + 1])))
        if count == -1 { return false }
        guard count == values.count else { throw malformed }
        offset += 2
        for column in 0..<count {
            guard message.count >= offset + 4 else { throw malformed }
            let length = Int(Self.number32(message, offset))
            offset += 4
            guard length >= 0 else {
                values[column] = UnsafeBufferPointer(start: nil, count: 0)
                continue
            }
            guard message.count >= offset + length else { throw malformed }
            let start = message.baseAddress?.advanced(by: offset).assumingMemoryBound(to: UInt8.self)
            values[column] = UnsafeBufferPointer(start: start, count: length)
            offset += length
        }
        return true
    }

    private static func number32(_ message: UnsafeRawBufferPointer, _ offset: Int) -> Int32 {
        Int32(bigEndian: message.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    }
}
