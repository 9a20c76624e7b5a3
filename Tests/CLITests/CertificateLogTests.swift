import Foundation
import Logging
import NIOSSL
import Synchronization
import Testing

@testable import RosterCLI

/// When the log says something of a certificate that is read every minute.
@Suite struct CertificateLogTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])

        func add(_ line: String) { lines.withLock { $0.append(line) } }

        /// The lines since the last call.
        func take() -> [String] {
            lines.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }
    }

    private static let pem = """
        -----BEGIN CERTIFICATE-----
        MIIBeDCCAR+gAwIBAgIUOnSVgAXkEBfzsiZTG9V0FhHmY4kwCgYIKoZIzj0EAwIw
        ETEPMA0GA1UEAwwGcm9zdGVyMCAXDTI2MTEyNzIxMDUwNloYDzIxMjYxMTAzMjEw
        NTA2WjARMQ8wDQYDVQQDDAZyb3N0ZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
        AARSotLOm7Om4//rL6i4rIcksiURcb/hc4yYsTh5UHFb4UwS4nuk+/Cj8VAqP5ZC
        Agr4CzEGnaxGvr7cWlgRdag/o1MwUTAdBgNVHQ4EFgQUGiw9UeB1ICFJIIQIUHd5
        d2I+rF0wHwYDVR0jBBgwFoAUGiw9UeB1ICFJIIQIUHd5d2I+rF0wDwYDVR0TAQH/
        BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAjVb9rYFsVo4HLIZr9RIhC9CQcSLzy
        gabWWbSf4cYj6gIgVg6YNcrslYfRRObzSaURVoKAFeDBg4KSGHTbzLFh8AU=
        -----END CERTIFICATE-----
        """

    private static let day: TimeInterval = 86_400

    @Test func warnsOnceADayFromTwentyOneDaysOn() throws {
        let lines = Lines()
        let server = ServerLog(format: .journal, level: .info) { lines.add(String(decoding: $0, as: UTF8.self)) }
        let log = CertificateLog(path: "tls.crt", logger: Logger(label: "roster") { server.handler(label: $0) })
        let certificate = try NIOSSLCertificate(bytes: Array(Self.pem.utf8), format: .pem)
        let end = Date(timeIntervalSince1970: TimeInterval(certificate.notValidAfter))
        func read(daysBefore days: Double) -> [String] {
            log.loaded([.certificate(certificate)], now: end.addingTimeInterval(-days * Self.day))
            return lines.take()
        }
        #expect(read(daysBefore: 30).map { $0.contains("the certificate is in use") } == [true])
        #expect(read(daysBefore: 29) == [])
        #expect(read(daysBefore: 21.5) == [])
        #expect(read(daysBefore: 20.9).map { $0.hasPrefix("<4>") && $0.contains("expires soon") } == [true])
        #expect(read(daysBefore: 20.8) == [])
        #expect(read(daysBefore: 20) == [])
        #expect(read(daysBefore: 19.9).map { $0.contains("expires soon") && !$0.contains("old_serial") } == [true])
        #expect(read(daysBefore: -1).map { $0.contains("has expired") } == [true])
        #expect(read(daysBefore: -1.5) == [])
    }

    @Test func warnsAtTheStart() throws {
        let lines = Lines()
        let server = ServerLog(format: .journal, level: .info) { lines.add(String(decoding: $0, as: UTF8.self)) }
        let log = CertificateLog(path: "tls.crt", logger: Logger(label: "roster") { server.handler(label: $0) })
        let certificate = try NIOSSLCertificate(bytes: Array(Self.pem.utf8), format: .pem)
        let now = Date(timeIntervalSince1970: TimeInterval(certificate.notValidAfter) - 20 * Self.day)
        log.loaded([.certificate(certificate)], now: now)
        log.loaded([.certificate(certificate)], now: now.addingTimeInterval(60))
        #expect(lines.take().map { $0.contains("expires soon") } == [true])
    }
}
