import Foundation
import RosterImport
import RosterModel
import Testing

/// Base64, distinguished names and times, as directories write them.
@Suite struct DirectoryValueTests {
    private static let decodesBase64StrictlyCases: [(String, String?)] = [
        ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
        ("Zm9vYmFy", "foobar"), ("Z", nil), ("Zg", nil), ("Zg=", nil), ("Zg===", nil), ("====", nil), ("=", nil),
        ("Zm9v====", nil), ("Zh==", nil), ("Zm9=", nil), ("Zm 9v", nil), ("Zm9v\n", nil), ("Zm9-", nil), ("Z=g=", nil),
        ("Zg==Zg==", nil),
    ]

    @Test(arguments: decodesBase64StrictlyCases)
    func decodesBase64Strictly(text: String, decoded: String?) {
        #expect(Base64.decode(Array(text.utf8)[...]) == decoded.map { Array($0.utf8) })
    }

    @Test func decodesEveryByte() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Base64.decode(Array(Data(bytes).base64EncodedString().utf8)[...]) == bytes)
    }

    private static let readsDistinguishedNamesCases: [(String, [String]?)] = [
        ("", []),
        ("  ", []),
        ("dc=x", ["dc=x"]),
        ("UID=jsmith,DC=example,DC=net", ["uid=jsmith", "dc=example", "dc=net"]),
        ("OU=Sales+CN=J.  Smith,DC=example", ["ou=Sales+cn=J.  Smith", "dc=example"]),
        ("CN=James \\\"Jim\\\" Smith\\, III,DC=x", ["cn=James \"Jim\" Smith, III", "dc=x"]),
        ("CN=Before\\0dAfter", ["cn=Before\rAfter"]),
        ("cn=Lu\\C4\\8Di\\C4\\87", ["cn=Lučić"]),
        ("1.3.6.1.4.1.1466.0=#04024869", ["1.3.6.1.4.1.1466.0=#04024869"]),
        (" cn = a b  , dc = x ", ["cn=a b", "dc=x"]),
        ("cn=\\ a\\ ,dc=x", ["cn= a ", "dc=x"]),
        ("cn=,dc=x", ["cn=", "dc=x"]),
        ("cn=a=b", ["cn=a=b"]),
        ("cn=a#b", ["cn=a#b"]),
        ("cn", nil), ("=a", nil), ("cn=a,", nil), ("cn=a, ", nil), (",cn=a", nil), ("cn=a,,dc=x", nil), ("cn=a+", nil),
        ("cn=a;dc=x", nil), ("cn=\"a\"", nil), ("cn=a\\", nil), ("cn=a\\4", nil), ("cn=a\\zz", nil), ("cn=#", nil),
        ("cn=#0", nil), ("cn=#04x", nil), ("cn=\\FF", nil), ("c n=a", nil), ("cn=a\0", nil),
    ]

    @Test(arguments: readsDistinguishedNamesCases)
    func readsDistinguishedNames(text: String, names: [String]?) {
        let parsed = DistinguishedName(Array(text.utf8)[...])?.relativeNames.map { name in
            name.map { "\($0.name)=\($0.value)" }.joined(separator: "+")
        }
        #expect(parsed == names)
    }

    private static let readsGeneralizedTimeCases: [(String, String?)] = [
        ("20210817091240Z", "2021-08-17T09:12:40Z"), ("20210817091240.5Z", "2021-08-17T09:12:40Z"),
        ("20210817091240,999999999999Z", "2021-08-17T09:12:40Z"), ("202108170912Z", "2021-08-17T09:12:00Z"),
        ("2021081709Z", "2021-08-17T09:00:00Z"), ("2021081709.5Z", "2021-08-17T09:30:00Z"),
        ("202108170912.25Z", "2021-08-17T09:12:15Z"), ("20210817091240+0800", "2021-08-17T01:12:40Z"),
        ("20210817091240-03", "2021-08-17T12:12:40Z"), ("20210817091240.1-0330", "2021-08-17T12:42:40Z"),
        ("20161231235960Z", "2017-01-01T00:00:00Z"), ("20210817091240", nil), ("20210817Z", nil),
        ("2021081709124Z", nil), ("20210229091240Z", nil), ("20210817241240Z", nil), ("20210817091240.Z", nil),
        ("20210817091240+8", nil), ("20210817091240+0860", nil), ("20210817091240+2400", nil),
        ("20210817091240Zx", nil), ("00010101000000+0100", nil), ("99991231235959-0100", nil), ("", nil), ("Z", nil),
    ]

    @Test(arguments: readsGeneralizedTimeCases)
    func readsGeneralizedTime(text: String, time: String?) {
        #expect(Timestamp(generalizedTime: Array(text.utf8)[...])?.iso8601 == time)
    }

    /// A zone that is an hour ahead of UTC, and two hours from noon of 31 March to noon of 31 October 2024, UTC.
    static let zone = LocalTime { moment in
        moment.seconds >= 1_711_886_400 && moment.seconds < 1_730_376_000 ? 7200 : 3600
    }

    private static let findsTheMomentOfALocalTimeCases: [(String, String)] = [
        ("2024-01-01 12:00:00", "2024-01-01T11:00:00Z"),
        ("2024-03-31 12:59:59", "2024-03-31T11:59:59Z"),
        ("2024-03-31 13:30:00", "2024-03-31T12:30:00Z"),
        ("2024-03-31 14:00:00", "2024-03-31T12:00:00Z"),
        ("2024-07-01 12:00:00", "2024-07-01T10:00:00Z"),
        ("2024-10-31 12:59:59", "2024-10-31T10:59:59Z"),
        ("2024-10-31 13:30:00", "2024-10-31T11:30:00Z"),
        ("2024-10-31 14:00:00", "2024-10-31T13:00:00Z"),
    ]

    @Test(arguments: findsTheMomentOfALocalTimeCases)
    func findsTheMomentOfALocalTime(shown: String, moment: String) throws {
        let shown = try #require(Timestamp(spaced: Array(shown.utf8)[...]))
        #expect(Self.zone.moment(showing: shown).iso8601 == moment)
    }

    @Test func usesTheMachinesZone() throws {
        for shown in ["1999-12-31 23:59:59", "2021-08-17 09:12:40", "2024-02-29 00:00:00"] {
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = .current
            formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
            let date = try #require(formatter.date(from: shown))
            let moment = LocalTime.machine.moment(showing: try #require(Timestamp(spaced: Array(shown.utf8)[...])))
            #expect(moment.seconds == Int64(date.timeIntervalSince1970))
        }
    }
}
