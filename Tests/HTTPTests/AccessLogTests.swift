import Foundation
import RosterModel
import Synchronization
import Testing

@testable import RosterHTTP

/// What a line of the access log shows of a request, and what it must not.
@Suite struct AccessLogTests {
    private static func line(
        _ target: String, method: String = "GET", client: String = "10.1.2.3", status: Int = 200, bytes: Int = 5,
        referer: String? = nil, agent: String? = nil
    ) -> String {
        let entry = AccessLog.Entry(
            time: 0, client: client, request: (method, target, "HTTP/1.1"), status: status, bytes: bytes,
            referer: referer, agent: agent)
        return String(decoding: AccessLog.line(entry), as: UTF8.self)
    }

    @Test func hasTheFieldsOfTheCombinedFormat() throws {
        let time = #/\[0[12]\/Jan\/1970:\d\d:00:00 [+-]\d{4}\]|\[31\/Dec\/1969:\d\d:00:00 [+-]\d{4}\]/#
        let line = Self.line("/api/user?zone=zone1", referer: "https://a.example/x", agent: "curl/8.0")
        #expect(line.contains(time))
        #expect(
            line.replacing(time, with: "TIME")
                == "10.1.2.3 - - TIME \"GET /api/user?zone=zone1 HTTP/1.1\" 200 5 \"https://a.example/x\" \"curl/8.0\"\n"
        )
        let entry = AccessLog.Entry(time: 0, client: "::1", status: 400, bytes: 0)
        #expect(
            String(decoding: AccessLog.line(entry), as: UTF8.self).replacing(time, with: "TIME")
                == "::1 - - TIME \"-\" 400 - \"-\" \"-\"\n")
    }

    @Test(arguments: [
        ("signature=abc%2B&zone=z", "signature=-&zone=z"),
        ("zone=z&signature=abc", "zone=z&signature=-"),
        ("%73ignature=abc", "%73ignature=-"),
        ("SIGNATURE=abc", "SIGNATURE=-"),
        ("access_key_secret=abc", "access_key_secret=-"),
        ("secret_access_key=abc&x", "secret_access_key=-&x"),
        ("new_password=abc", "new_password=-"),
        ("signature_method=HmacSHA256", "signature_method=HmacSHA256"),
        ("%ff=abc", "%ff=-"),
        ("a=1&&b=2&=3", "a=1&&b=2&=3"),
        ("access_key_id=QYKEY", "access_key_id=QYKEY"),
    ])
    func masksSecretsOfTheQuery(query: String, shown: String) {
        #expect(Self.line("/api/user?\(query)").contains("\"GET /api/user?\(shown) HTTP/1.1\""))
        // A page that links to a signed URL shows it to the next server.
        #expect(
            Self.line("/", referer: "https://a.example/api?\(query)").contains("\"https://a.example/api?\(shown)\""))
    }

    @Test(arguments: [
        ("a\"b", "a\\\"b"), ("a\\b", "a\\\\b"), ("a\nb\r", "a\\x0ab\\x0d"), ("\u{1B}[31m", "\\x1b[31m"),
        ("é", "\\xc3\\xa9"), ("\u{202E}", "\\xe2\\x80\\xae"), ("\0", "\\x00"),
    ])
    func keepsWhatClientsSendInItsField(text: String, shown: String) {
        let line = Self.line("/\(text)", agent: text)
        #expect(line.contains("\"GET /\(shown) HTTP/1.1\""))
        #expect(line.hasSuffix("\"\(shown)\"\n"))
        #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A })
        #expect(line.filter { $0 == "\n" }.count == 1)
    }

    @Test func cutsLongTexts() {
        let line = Self.line(
            "/" + String(repeating: "x", count: 80_000), agent: String(repeating: "\u{1}", count: 80_000))
        #expect(line.utf8.count < 5 * 8192 + 200)
    }

    @Test func countsTheLinesThatHaveNoRoom() throws {
        let path = NSTemporaryDirectory() + "access-\(UUID().uuidString).log"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let events = Mutex<[AccessLog.Event]>([])
        let log = try AccessLog(path: path, maximumBytes: 0) { event in events.withLock { $0.append(event) } }
        for _ in 0..<3 { log.record(.init(time: 0, client: "::1", status: 400, bytes: 0)) }
        log.flush()
        #expect(events.withLock(\.self) == [.lost(3)])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).isEmpty)
    }

    @Test func tellsOfAFullDiskOnceAndCountsWhatIsLost() throws {
        let events = Mutex<[AccessLog.Event]>([])
        let log = try AccessLog(path: "/dev/full") { event in events.withLock { $0.append(event) } }
        for _ in 0..<3 {
            log.record(.init(time: 0, client: "::1", status: 400, bytes: 0))
            log.flush()
        }
        let told = events.withLock(\.self)
        #expect(told.filter { if case .failed = $0 { true } else { false } }.count == 1)
        let lost = told.reduce(0) { if case .lost(let count) = $1 { $0 + count } else { $0 } }
        #expect(lost == 3)
    }

    @Test func writesEveryLineOfManyThreads() async throws {
        let path = NSTemporaryDirectory() + "access-\(UUID().uuidString).log"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let log = try AccessLog(path: path) { event in Issue.record("\(event)") }
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<500 {
                        log.record(.init(time: 0, client: "\(task).\(number)", status: 200, bytes: 1))
                    }
                }
            }
        }
        log.flush()
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(Set(lines.map { $0.prefix { $0 != " " } }).count == 4000)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o640)
    }
}
