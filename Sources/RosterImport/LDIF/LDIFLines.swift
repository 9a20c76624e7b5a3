import RosterModel

/// The logical lines of an LDIF file (RFC 2849): folded lines are joined (note 2), comments left out.
struct LDIFLines {
    private var lines: TextLines

    /// One line, unfolded.
    struct Line {
        /// The line number where it starts, from 1.
        let number: Int
        var content: ArraySlice<UInt8>
        /// Why the line is not valid text.
        var fault: LDIFError?

        /// Whether it ends an entry.
        var isBlank: Bool { content.isEmpty && fault == nil }
    }

    init(_ bytes: [UInt8]) {
        lines = TextLines(bytes)
    }

    /// The number of bytes read.
    var offset: Int { lines.position.offset }

    /// The next line that is not a comment; nil at the end of the file.
    mutating func next() -> Line? {
        while let first = lines.next() {
            let isComment = lines.bytes[first.range].first == UInt8(ascii: "#")
            var line = Line(number: first.number, content: lines.bytes[first.range])
            var isASCII = first.isASCII
            line.fault = Self.fault(of: first)
            if !first.range.isEmpty {
                var unfolded: [UInt8] = []
                while lines.nextByte == UInt8(ascii: " "), let continuation = lines.next() {
                    if unfolded.isEmpty { unfolded += line.content }
                    if !isComment { unfolded += lines.bytes[continuation.range].dropFirst() }
                    isASCII = isASCII && continuation.isASCII
                    line.fault = line.fault ?? Self.fault(of: continuation)
                }
                if !unfolded.isEmpty { line.content = unfolded[...] }
            }
            if isComment {
                // The encoding of a comment does not matter; other faults show that the file is not text.
                guard line.fault != nil else { continue }
                return line
            }
            // A character may be folded in the middle, so the whole line is checked.
            if line.fault == nil, !isASCII, line.content.text == nil {
                line.fault = LDIFError(line: first.number, TextError.notUTF8)
            }
            return line
        }
        return nil
    }

    private static func fault(of line: TextLine) -> LDIFError? {
        if line.isTooLong { return LDIFError(line: line.number, TextError.tooLong) }
        return line.hasNUL ? LDIFError(line: line.number, TextError.nul) : nil
    }
}
