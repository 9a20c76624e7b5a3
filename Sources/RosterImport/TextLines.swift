import RosterModel
import RosterStore

/// The lines of a file, whatever format they are in: LF or CRLF at the end, a byte order mark before the first one.
///
/// Every byte is looked at once, and what is wrong with a line is told with it, so that a reader can name the line
/// and go on.
struct TextLines {
    /// A longer line is a fault: no user needs one, and a file without line ends is no text.
    static let maximumBytes = 1 << 20

    let bytes: [UInt8]
    /// Where the next line starts, and how many lines came before it.
    private(set) var position: Position

    struct Position {
        fileprivate(set) var offset: Int
        fileprivate(set) var line = 0
    }

    /// - Parameter isComplete: false for lines from the middle of a file. The same bytes are no byte order mark there.
    init(_ bytes: [UInt8], isComplete: Bool = true) {
        self.bytes = bytes
        position = Position(offset: isComplete ? Self.byteOrderMarkLength(of: bytes) : 0)
    }

    /// 3 where the bytes start with the UTF-8 byte order mark, else 0.
    static func byteOrderMarkLength(of bytes: [UInt8]) -> Int {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The first byte of the next line.
    var nextByte: UInt8? {
        position.offset < bytes.count ? bytes[position.offset] : nil
    }

    /// The next line, or nil at the end. The end of the last line may be missing, or its LF only.
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

    /// Goes back to where `position` was noted.
    mutating func rewind(to position: Position) {
        self.position = position
    }
}

/// One line of a file.
struct TextLine {
    /// From 1.
    let number: Int
    /// Its bytes in the file, without the line's end.
    let range: Range<Int>
    let isASCII: Bool
    let hasNUL: Bool

    var isTooLong: Bool { range.count > TextLines.maximumBytes }
}

/// What is wrong with text, in the words of a fault.
enum TextError {
    static let tooLong = "longer than 1 MiB"
    static let nul = "holds a NUL character"
    static let notUTF8 = "not valid UTF-8"
}

extension ArraySlice<UInt8> {
    /// The bytes as text, or nil where they are not UTF-8.
    var text: String? {
        // Nearly all text is ASCII, and then there is nothing to validate.
        allSatisfy { $0 < 0x80 } ? String(decoding: self, as: UTF8.self) : String(validating: self, as: UTF8.self)
    }
}
