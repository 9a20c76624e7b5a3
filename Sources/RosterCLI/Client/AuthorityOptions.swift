import ArgumentParser
import Foundation
import NIOSSL
import RosterModel

/// The option of every command that calls a server: which authorities sign its certificate.
struct AuthorityOptions: ParsableArguments {
    @Option(
        name: .customLong("ca-certificate"),
        help: ArgumentHelp(
            "The certificates in PEM of the authorities that may sign the server's; default: SSL_CERT_FILE, or those of "
                + "this machine.", valueName: "file"))
    var file: String?

    /// How to encrypt connections to `endpoint`; nil for an endpoint without TLS, or if the machine's authorities count.
    /// - Throws: `CommandError` that names the flag or the variable if there is no certificate in the file.
    func configuration(for endpoint: String) throws -> TLSConfiguration? {
        let given = ProcessInfo.processInfo.environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        guard endpoint.lowercased().hasPrefix("https:"), let path = file ?? given else { return nil }
        let source = file == nil ? "SSL_CERT_FILE" : "--ca-certificate"
        let shown = path.sanitizedForDisplay(limit: 200)
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw CommandError("\(source): \(shown) cannot be read")
        }
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty else {
            throw CommandError("\(source): \(shown) holds no certificate in PEM")
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(certificates)
        return configuration
    }
}
