import Foundation
import Logging
import NIOSSL
import RosterModel
import Synchronization

/// Logs which certificate the server uses, and why a new one cannot be used. The files are read every minute; only a
/// change is logged.
final class CertificateLog: Sendable {
    private let path: String
    private let logger: Logger
    private let state = Mutex(State())

    /// When the certificate in use ends; nil before the first one is loaded.
    var end: Timestamp? { state.withLock(\.end) }

    private struct State {
        var serial: String?
        var failure: String?
        var end: Timestamp?
        /// When the end was last warned of.
        var warned: Date?
    }

    /// - Parameter path: the certificate's file.
    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    /// Logs the serial number and the end of the first certificate of `chain`, if it differs from the one before, or if
    /// the last attempt failed. A certificate that has ended, or ends within 21 days, is a warning, once a day.
    func loaded(_ chain: [NIOSSLCertificateSource], now: Date = .now) {
        guard case .certificate(let certificate)? = chain.first else { return }
        let serial = Hex.text(certificate.serialNumber)
        let end = Date(timeIntervalSince1970: TimeInterval(certificate.notValidAfter))
        let endsSoon = end < now.addingTimeInterval(Self.warningTime)
        let (before, mustLog) = state.withLock { before in
            let isNew = before.serial != serial || before.failure != nil
            let isDue = endsSoon && before.warned.map { now.timeIntervalSince($0) >= Self.warningInterval } ?? true
            var after = State(
                serial: serial, end: Timestamp(seconds: Int64(certificate.notValidAfter)), warned: before.warned)
            if isNew || isDue { after.warned = endsSoon ? now : nil }
            defer { before = after }
            return (before, isNew || isDue && endsSoon)
        }
        guard mustLog else { return }
        var metadata: Logger.Metadata = [
            "file": "\(path)", "serial": "\(serial)", "valid_until": "\(end.formatted(.iso8601))",
        ]
        if let old = before.serial, old != serial { metadata["old_serial"] = "\(old)" }
        if endsSoon {
            logger.warning(
                end < now ? "the certificate has expired" : "the certificate expires soon", metadata: metadata)
        } else {
            logger.notice("the certificate is in use", metadata: metadata)
        }
    }

    /// Logs why the files cannot be used, once for each reason. The server keeps the certificate that it has.
    func failed(_ error: any Error) {
        let reason = "\(error)".sanitizedForDisplay(limit: 300)
        let (isNew, serial) = state.withLock { state in
            defer { state.failure = reason }
            return (state.failure != reason, state.serial)
        }
        // At the start there is none to keep, and the command reports the error.
        guard isNew, let serial else { return }
        logger.error(
            "the new certificate cannot be used; the old one stays in use",
            metadata: ["file": "\(path)", "old_serial": "\(serial)", "cause": "\(reason)"])
    }

    /// How long before its end a certificate is warned of, in seconds.
    private static let warningTime: TimeInterval = 21 * 86_400
    /// After how many seconds it is warned of again.
    private static let warningInterval: TimeInterval = 86_400
}
