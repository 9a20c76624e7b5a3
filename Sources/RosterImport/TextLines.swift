import RosterModel
import RosterStore

/// The lines of a file in any format, with LF or CRLF line ends and perhaps a byte order mark at the start.
///
/// Every byte is read once, and each line carries its problems, so that a reader can name the line and continue.
struct TextLines {
    /// A longer line is a fault: no user needs one, and a file without line ends is not text.
    static let maximumBytes = 1 << 20

    let bytes: [UInt8]
    /// The start of the next line, and the number of lines before it.
    private(set) var position: Position

    struct Position {
        fileprivate(set) var offset: Int
        fileprivate(set) var line = 0
    }

    /// Starts at the first line.
    /// - Parameter isComplete: false for bytes from the middle of a file, where a byte order mark has no meaning.
    init(_ bytes: [UInt8], isComplete: Bool = true) {
        self.bytes = bytes
        position = Position(offset: isComplete ? Self.byteOrderMarkLength(of: bytes) : 0)
    }

    /// 3 if the bytes start with the UTF-8 byte order mark, otherwise 0.
    static func byteOrderMarkLength(of bytes: [UInt8]) -> Int {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The first byte of the next line.
    var nextByte: UInt8? {
        position.offset < bytes.count ? bytes[position.offset] : nil
    }

    /// The next line, or nil at the end. The last line need not have a line end.
    mutating func next() -> TextLine? {
        let start = position.offset
        guard start < bytes.count else { return nil }
        var end = start
        var union: UInt8 = 0
        var hasNUL = false
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
            union |= bytes[end]
            hasNUL = hasNUL || bytes[end] == 0
            end += 1
        }
        position.offset = min(end + 1, bytes.count)
        position.line += 1
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return TextLine(number: position.line, range: start..<end, isASCII: union < 0x80, hasNUL: hasNUL)
    }

    /// Returns to a `position` that was saved.
    mutating func rewind(to position: Position) {
        self.position = position
    }
}

/// One line of a file.
struct TextLine {
    /// Counts from 1.
    let number: Int
    /// Its bytes in the file, without the line end.
    let range: Range<Int>
    let isASCII: Bool
    let hasNUL: Bool

    var isTooLong: Bool { range.count > TextLines.maximumBytes }
}

/// Problems of text, as fault messages.
enum TextError {
    static let tooLong = "longer than 1 MiB"
    static let nul = "holds a NUL character"
    static let notUTF8 = "not valid UTF-8"
}

extension ArraySlice<UInt8> {
    /// The bytes as text, or nil if they are not UTF-8.
    var text: String? {
        // Nearly all text is ASCII and needs no validation.
        allSatisfy { $0 < 0x80 } ? String(decoding: self, as: UTF8.self) : String(validating: self, as: UTF8.self)
    }
}
