import RosterModel
import Testing

@Suite struct TextTests {
    @Test func aNumberIsWrittenWithAllItsDigits() {
        #expect(Hex.text(UInt64(0)) == "0000000000000000")
        #expect(Hex.text(UInt64.max) == "ffffffffffffffff")
        #expect(Hex.text(UInt16(0xA0B)) == "0a0b")
        #expect(Hex.text([0x00, 0xFF, 0x1E]) == "00ff1e")
    }

    @Test func everyDigitIsReadAsItIsWritten() {
        for value in UInt8(0)..<16 {
            #expect(Hex.value(Hex.digit(value)) == value)
            #expect(Hex.value(Hex.digit(value, uppercase: true)) == value)
        }
        #expect(Hex.digit(11) == UInt8(ascii: "b") && Hex.digit(11, uppercase: true) == UInt8(ascii: "B"))
    }

    @Test(arguments: ["0", "+f", "-1", "0x", " 1", "g0", "１1", "\0\0"])
    func anythingElseIsNoHexadecimalText(text: String) {
        #expect(Hex.bytes(text) == nil)
    }

    @Test(arguments: [
        ("", "", true), ("Host", "hOST", true), ("host", "hosts", false), ("@", "`", false), ("[", "{", false),
        ("é", "É", false), ("É", "É", true), ("K", "\u{212A}", false),
    ])
    func onlyASCIILettersHaveTwoCases(left: String, right: String, areEqual: Bool) {
        #expect(left.utf8.equalsIgnoringASCIICase(right.utf8) == areEqual)
        #expect(Array(right.utf8)[...].equalsIgnoringASCIICase(left.utf8) == areEqual)
    }

    @Test(arguments: [
        ("", false), ("plain ~", false), ("张三", false), ("a\u{202E}b", false), ("a\0", true), ("\t", true),
        ("é\u{7F}", true),
        ("\u{85}", true), ("\u{9B}", true), ("x\r\ny", true),
    ])
    func controlCharactersAreFoundInASCIIAndBeyond(text: String, hasSome: Bool) {
        #expect(text.hasControlCharacter == hasSome)
        #expect(text[...].hasControlCharacter == hasSome)
    }
}
