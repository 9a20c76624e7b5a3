import RosterModel

/// A value for a statement's parameter, in PostgreSQL's binary form.
struct Parameter: Sendable {
    /// Nil for NULL.
    let bytes: [UInt8]?

    static func text(_ text: String?) -> Parameter { Parameter(bytes: text.map { Array($0.utf8) }) }

    /// A `bigint`.
    static func number(_ number: Int64?) -> Parameter { Parameter(bytes: number.map(Self.bigEndian)) }

    static func bytes(_ bytes: [UInt8]?) -> Parameter { Parameter(bytes: bytes) }

    /// A `text[]`.
    static func texts(_ texts: some Sequence<String>) -> Parameter {
        var column = ArrayParameter(.text)
        for text in texts { column.append(text) }
        return column.parameter
    }

    /// A `bigint[]`.
    static func numbers(_ numbers: some Sequence<Int64>) -> Parameter {
        var column = ArrayParameter(.number)
        for number in numbers { column.append(number) }
        return column.parameter
    }

    fileprivate static func bigEndian(_ number: Int64) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

/// One column of many rows, written as an array in PostgreSQL's binary form; `unnest` turns such columns back into
/// rows.
struct ArrayParameter {
    /// The type of the elements, by its OID in PostgreSQL's catalog.
    enum Element: Int32 {
        case flag = 16
        case bytes = 17
        case number = 20
        case text = 25
    }

    private var content: [UInt8]
    private var count: Int32 = 0
    private var hasNull = false
    private let element: Element

    private static let headSize = 20

    init(_ element: Element) {
        self.element = element
        content = Array(repeating: 0, count: Self.headSize)
    }

    mutating func append(_ text: String?) {
        guard let text else { return appendNull() }
        let length = text.utf8.count
        begin(length)
        content.append(contentsOf: text.utf8)
    }

    mutating func append(_ number: Int64?) {
        guard let number else { return appendNull() }
        begin(8)
        withUnsafeBytes(of: number.bigEndian) { content.append(contentsOf: $0) }
    }

    mutating func append(_ flag: Bool) {
        begin(1)
        content.append(flag ? 1 : 0)
    }

    mutating func append(bytes: [UInt8]) {
        begin(bytes.count)
        content.append(contentsOf: bytes)
    }

    /// The column as a parameter.
    var parameter: Parameter {
        var bytes = content
        func write(_ number: Int32, at offset: Int) {
            withUnsafeBytes(of: number.bigEndian) { number in
                for index in 0..<4 { bytes[offset + index] = number[index] }
            }
        }
        // Number of dimensions, whether there are NULLs, element type; then size and first index of the one dimension.
        write(count == 0 ? 0 : 1, at: 0)
        write(hasNull ? 1 : 0, at: 4)
        write(element.rawValue, at: 8)
        guard count > 0 else { return Parameter(bytes: Array(bytes.prefix(12))) }
        write(count, at: 12)
        write(1, at: 16)
        return Parameter(bytes: bytes)
    }

    private mutating func begin(_ length: Int) {
        count += 1
        withUnsafeBytes(of: Int32(length).bigEndian) { content.append(contentsOf: $0) }
    }

    private mutating func appendNull() {
        hasNull = true
        begin(-1)
    }
}
