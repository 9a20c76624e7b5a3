import RosterModel
import Testing

@Suite struct TextTests {
    @Test func aNumberIsWrittenWithAllItsDigits() {
        #expect(Hex.text(UInt64(0)) == "0000000000000000")
        #expect(Hex.text(UInt64.max) == "ffffffffffffffff")
        #expect(Hex.text(UInt16(0xA0B)) == "0a0b")
        #expect(Hex.text([0x00, 0xFF, 0x1E]) == "00ff1e")
    }

    @Test(arguments: [0, 7, 10, -1, 1_048_576, .max, .min] as [Int64])
    func aWholeNumberIsWrittenAsSwiftWritesIt(number: Int64) {
        DecimalDigits.withText(of: number) { #expect(String(decoding: $0, as: UTF8.self) == String(number)) }
    }

    /// The values of draft-eastlake-fnv, appendix C.
    @Test(
        arguments: [
            ("", 0xCBF2_9CE4_8422_2325), ("a", 0xAF63_DC4C_8601_EC8C), ("foobar", 0x8594_4171_F739_67E8),
        ] as [(String, UInt64)])
    func hashesAreThoseOfTheDraft(text: String, hash: UInt64) {
        #expect(FNV1a(text.utf8).hash == hash)
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

    @Test(
        arguments: [
            ("", "", 0), ("zhang", "zhang", 0), ("zhang", "zhnag", 1), ("zhang", "zhan", 1), ("zhang", "xzhang", 1),
            ("zhang", "zhong", 1), ("kitten", "sitting", nil), ("ab", "ba", 1), ("abcd", "badc", 2), ("", "abc", nil),
            ("wang", "zhang", 2),
        ] as [(String, String, Int?)])
    func typingErrorsBetweenTwoNamesAreCounted(left: String, right: String, count: Int?) {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        #expect(EditDistance.between(left, right, atMost: 2) == count)
        #expect(EditDistance.between(right, left, atMost: 2) == count)
    }
}

@Suite struct TextComparisonTests {
    private static let texts = [
        "", " ", "  ", "-", "a", "A", " a", "a ", "a b", "A  B", "ab", "a-b", "a - b", "+49 30-12", "+493012", "é", "É",
        "e\u{301}", "straße", "STRASSE", "k", "K", "\u{212A}", "张 三", "张三", "@", "`",
    ]

    /// Comparing in place gives what comparing the normalized texts gives.
    @Test(arguments: [
        TextComparison(ignoresCase: true), TextComparison(ignoresCase: false),
        TextComparison(ignoresCase: true, ignoresSpaces: true), TextComparison(ignoresCase: false, ignoresSpaces: true),
        TextComparison(ignoresCase: false, dropping: .spaces),
        TextComparison(ignoresCase: true, dropping: .spacesAndHyphens),
    ])
    func textsAreEqualIfTheirNormalizedFormsAre(rule: TextComparison) {
        for left in Self.texts {
            for right in Self.texts {
                var left = left
                let areEqual = left.withUTF8 { rule.areEqual($0, right) }
                #expect(areEqual == (rule.prepared(left) == rule.prepared(right)), "\(left) and \(right)")
            }
        }
    }
}

@Suite struct DistinguishedNameTests {
    @Test(
        arguments: [
            ("", []), ("   ", []), ("uid=ann", ["uid=ann"]), (" UID = ann , OU=People", ["uid=ann", "ou=People"]),
            ("cn=Ann Lee  ,dc=x", ["cn=Ann Lee", "dc=x"]), ("cn=,dc=x", ["cn=", "dc=x"]),
            (#"cn=a\,b\+c,dc=x"#, ["cn=a,b+c", "dc=x"]), (#"cn=a\20"#, ["cn=a "]),
            (#"cn=a \  ,dc=x"#, ["cn=a  ", "dc=x"]),
            (#"cn=a  \20  "#, ["cn=a   "]), (#"cn=\C3\A9t\c3\A9"#, ["cn=été"]), (#"cn=\\"#, [#"cn=\"#]),
            ("cn=a+uid=b,dc=x", ["cn=a uid=b", "dc=x"]), ("1.2.3=#0403616263,dc=x", ["1.2.3=#0403616263", "dc=x"]),
            ("cn=#04 ,dc=x", ["cn=#04", "dc=x"]), ("cn=a=b", ["cn=a=b"]), ("cn=张三", ["cn=张三"]),
        ] as [(String, [String])])
    func namesAreParsed(text: String, names: [String]) throws {
        // A slice of something longer, as in a message.
        let name = try #require(
            DistinguishedName((Array("xx".utf8) + Array(text.utf8) + [0x2C])[2..<(2 + text.utf8.count)]))
        #expect(name.relativeNames.map { $0.map { "\($0.name)=\($0.value)" }.joined(separator: " ") } == names)
    }

    @Test(arguments: [
        "cn", "=a", "cn=a,", "cn=a, ", ",cn=a", "cn=a,,dc=x", "cn=a+", "cn=a+,dc=x", "c n=a", #"cn=a\"#, #"cn=a\g0"#,
        #"cn=a\4"#,
        #"cn=\ff"#, "cn=a;b", "cn=\"a\"", "cn=<a", "cn=a>", "cn=a\0", "cn=#", "cn=#0", "cn=#0g", "cn=#04x", #"cn=\20;"#,
        "é=a",
    ])
    func malformedNamesAreRefused(text: String) {
        #expect(DistinguishedName(Array(text.utf8)[...]) == nil)
    }
}
