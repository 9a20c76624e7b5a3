import RosterImport
import Testing

/// Files in other encodings than UTF-8.
@Suite struct TextEncodingTests {
    private static let utf16: [UInt8] = [0xFF, 0xFE, 0x4E, 0x67, 0x0A, 0x00, 0x61, 0x00]
    /// "李明,张伟\n"
    private static let gb18030: [UInt8] = [0xC0, 0xEE, 0xC3, 0xF7, 0x2C, 0xD5, 0xC5, 0xCE, 0xB0, 0x0A]
    /// "Müller,José\n"
    private static let cp1252: [UInt8] = Array("M".utf8) + [0xFC] + Array("ller,Jos".utf8) + [0xE9, 0x0A]

    @Test(arguments: [
        (utf16, TextEncoding.utf16, "李\na"), (gb18030, .gb18030, "李明,张伟\n"), (cp1252, .cp1252, "Müller,José\n"),
        (Array("李 Müller".utf8), .utf8, "李 Müller"), (Array("plain".utf8), .utf8, "plain"),
        ([0xEF, 0xBB, 0xBF, 0x61], .utf8, "\u{FEFF}a"), ([], .utf8, ""),
        (Array(cp1252.dropLast()) + [0x80], .cp1252, "Müller,José€"),
    ])
    func isGuessedAndConverted(bytes: [UInt8], encoding: TextEncoding, text: String) throws {
        #expect(TextEncoding.guess(bytes) == encoding)
        #expect(try String(decoding: encoding.convert(bytes), as: UTF8.self) == text)
    }

    @Test func aDamagedLineDoesNotChangeTheEncoding() {
        #expect(TextEncoding.guess(Array("李明 李明\n".utf8) + [0xFF, 0x0A]) == .utf8)
        // No text at all.
        #expect(TextEncoding.guess([0xFC, 0x00, 0xFC]) == .utf8)
    }

    @Test(
        arguments: [
            ([0x61, 0x0A, 0xFF, 0xFF], TextEncoding.gb18030, 2), ([0x61, 0x0A, 0x0A, 0x81], .cp1252, 3),
            ([0xC0], .gb18030, 1),
            ([0xFF, 0xFE, 0x00, 0xD8], .utf16, 1), ([0xFF, 0xFE, 0x61], .utf16, 1),
        ] as [([UInt8], TextEncoding, Int)])
    func whatIsNotInTheEncodingIsToldByItsLine(bytes: [UInt8], encoding: TextEncoding, line: Int) {
        let error = #expect(throws: TextEncoding.ConversionError.self) { try encoding.convert(bytes) }
        #expect(error?.line == line)
    }

    @Test func aLargeFileIsConvertedWhole() throws {
        let bytes = [[UInt8]](repeating: Self.gb18030, count: 50_000).flatMap { $0 }
        let text = try TextEncoding.gb18030.convert(bytes)
        #expect(text.count == 50_000 * "李明,张伟\n".utf8.count && text.starts(with: "李明".utf8))
    }

    @Test func namesAreReadInAnyCase() {
        #expect(TextEncoding(name: "Windows-1252") == .cp1252 && TextEncoding(name: "GBK") == .gb18030)
        #expect(TextEncoding(name: "") == nil && TextEncoding(name: "ebcdic") == nil)
    }
}
