import NIOCore
import RosterModel

@testable import RosterHTTP
@testable import RosterImport
@testable import RosterLDAP
@testable import RosterServing

/// Feeds libFuzzer's bytes to every decoder of what strangers send. A trap ends the run, and libFuzzer keeps the bytes.
/// `scripts/fuzz.sh` builds and runs it.
@main
struct Fuzz {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = runDriver(&count, &arguments, decode)
    }

    /// One decoder by the first byte, given the others.
    private static let decoders: [@Sendable ([UInt8]) -> Void] = [
        messages, jsonBody, signedQuery, csv, ldif, passwd, maps, names, attributes, hashes, times, proxies,
    ]

    private static let decode: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt = { start, count in
        guard let start, count > 0 else { return 0 }
        let bytes = UnsafeBufferPointer(start: start, count: count)
        Fuzz.decoders[Int(bytes[0]) % Fuzz.decoders.count](Array(bytes.dropFirst()))
        return 0
    }

    private static func messages(_ bytes: [UInt8]) {
        var decoder = MessageDecoder()
        var buffer = ByteBuffer(bytes: bytes)
        while let message = try? decoder.decode(buffer: &buffer) {
            for control in message.controls {
                _ = try? PagedResults(control.value)
                _ = try? SortKeyList(control.value)
            }
            if case .extended(let request) = message.request { _ = try? PasswordModifyRequest(request.value) }
        }
    }

    private static func jsonBody(_ bytes: [UInt8]) {
        guard let body = try? JSONBody(bytes) else { return }
        for name in body.members.keys {
            _ = try? body.required(name)
            _ = try? body.names(name)
        }
    }

    private static func signedQuery(_ bytes: [UInt8]) {
        let query = String(decoding: bytes, as: UTF8.self)
        guard let request = try? SignedRequest(method: "GET", path: "/api/user", rawQuery: query) else { return }
        _ = try? CommonParameters(request, needsZone: true)
    }

    private static func csv(_ bytes: [UInt8]) { _ = ImportReader.read(bytes, format: .csv) }
    private static func ldif(_ bytes: [UInt8]) { _ = ImportReader.read(bytes, format: .ldif) }
    private static func passwd(_ bytes: [UInt8]) { _ = ImportReader.read(bytes, format: .passwd) }
    private static func maps(_ bytes: [UInt8]) { _ = ImportReader.readMaps(bytes) }

    private static func names(_ bytes: [UInt8]) { _ = DistinguishedName(bytes[...])?.relativeNames }

    private static func attributes(_ bytes: [UInt8]) {
        for attribute in UserAttribute.standard { _ = try? attribute.checkNew(bytes) }
        _ = try? SSHPublicKey(String(decoding: bytes, as: UTF8.self))
    }

    private static func hashes(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        _ = PasswordDigest(text)
        _ = PasswordHash(stored: text).weakScheme
    }

    private static func times(_ bytes: [UInt8]) {
        _ = Timestamp(generalizedTime: bytes[...])
        if let time = Timestamp(iso8601: String(decoding: bytes, as: UTF8.self)) { _ = time.description }
    }

    private static func proxies(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let proxies = try? TrustedProxies(text) else { return }
        _ = proxies.client(peer: "127.0.0.1", forwardedFor: [text])
    }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ decode: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
