import RosterModel

/// The lines of an LDIF file as RFC 2849 counts them: folded lines put together (note 2), comments left out.
struct LDIFLines {
    private var lines: TextLines

    /// One line, unfolded.
    struct Line {
        /// Where it starts, from 1.
        let number: Int
        var content: ArraySlice<UInt8>
        /// What is wrong with it as text.
        var fault: LDIFError?

        /// Whether it ends an entry.
        var isBlank: Bool { content.isEmpty && fault == nil }
    }

    init(_ bytes: [UInt8]) {
        lines = TextLines(bytes)
    }

    /// How many bytes were read.
    var offset: Int { lines.position.offset }

    /// The next line that is no comment; nil at the end of the file.
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
                // In what encoding somebody commented does not matter; the rest shows that the file is no text.
                guard line.fault != nil else { continue }
                return line
            }
            // A character may be folded in its middle, so this is checked for the whole.
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
