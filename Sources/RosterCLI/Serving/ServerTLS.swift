import ArgumentParser
import Logging
import NIOCertificateReloading
import NIOSSL
import RosterDirectory
import RosterModel
import ServiceLifecycle

/// The options of `roster serve` for its certificate.
struct TLSOptions: ParsableArguments {
    @Option(help: .setting("tls_certificate"))
    var tlsCertificate: String?

    @Option(help: .setting("tls_key"))
    var tlsKey: String?

    @Option(help: .setting("tls_refresh"))
    var tlsRefresh: String?

    var flags: [String: String?] {
        ["tls_certificate": tlsCertificate, "tls_key": tlsKey, "tls_refresh": tlsRefresh]
    }
}

/// The certificate of the process, one for both servers, and the service that reloads it.
struct ServerTLS {
    /// The TLS context of connections: TLS 1.2 or later.
    let context: NIOSSLContext
    /// Reloads the files; runs beside the servers.
    let reloader: TimedCertificateReloader
    let log: CertificateLog

    /// How often the certificate files are reloaded, in seconds, unless a setting overrides it.
    private static let refreshSeconds = 60

    /// The suites for TLS 1.2: those of RFC 9325 section 4.2, with forward secrecy and authenticated encryption. TLS 1.3
    /// has no others.
    private static let cipherSuites: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]

    /// Nil if no certificate is configured.
    /// - Parameter logger: is told of a new certificate, and of one that cannot be used.
    /// - Throws: `CommandError` that names the file or setting at fault.
    init?(_ settings: Settings, logger: Logger) throws {
        let refresh = try settings.value("tls_refresh").map { text in
            guard let seconds = Int(text), (1...86_400).contains(seconds) else {
                throw CommandError("--tls-refresh must be from 1 to 86400 seconds")
            }
            return seconds
        }
        switch (settings.value("tls_certificate"), settings.value("tls_key")) {
        case (nil, nil): return nil
        case (let certificate?, let key?):
            do {
                let log = CertificateLog(path: certificate, logger: logger)
                let reloader = try TimedCertificateReloader.makeReloaderValidatingSources(
                    configuration: .init(
                        refreshInterval: .seconds(refresh ?? Self.refreshSeconds),
                        certificateSource: .init(location: .file(path: certificate), format: .pem),
                        privateKeySource: .init(location: .file(path: key), format: .pem)
                    ) {
                        $0.onCertificateLoaded = { log.loaded($0.currentCertificateChain) }
                        $0.onCertificateLoadFailed = { log.failed($0.error) }
                    })
                var configuration = try TLSConfiguration.makeServerConfiguration(certificateReloader: reloader)
                configuration.minimumTLSVersion = .tlsv12
                configuration.cipherSuiteValues = Self.cipherSuites
                context = try NIOSSLContext(configuration: configuration)
                self.reloader = reloader
                self.log = log
            } catch {
                throw CommandError("the certificate \(certificate) or its key \(key) cannot be used: \(error)")
            }
        default: throw CommandError("--tls-certificate and --tls-key are given together")
        }
    }
}

extension ServerTLS? {
    /// - Throws: `CommandError` if there is no certificate, which the flag `name` requires.
    func required(for name: String) throws -> ServerTLS {
        guard let self else { throw CommandError("\(name) needs --tls-certificate and --tls-key") }
        return self
    }
}
