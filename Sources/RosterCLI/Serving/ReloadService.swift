import Logging
import NIOCertificateReloading
import ServiceLifecycle
import UnixSignals

/// Reads the certificate again on SIGHUP. Without a certificate the signal is logged and has no other effect; it never
/// ends the server.
struct ReloadService: Service {
    let tls: ServerTLS?
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals {
                guard let tls else {
                    logger.notice("SIGHUP: nothing to reload; other settings are read at a start only")
                    continue
                }
                // A failure is logged by `CertificateLog`.
                try? tls.reloader.reload()
                logger.notice("SIGHUP: the certificate was read again; other settings are read at a start only")
            }
        }
    }
}
