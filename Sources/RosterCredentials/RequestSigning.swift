import Crypto
import FoundationEssentials
package import RosterModel

/// Signs requests as a client does: what `roster user list` and its relatives send.
package struct RequestSigning: Sendable {
    private let accessKeyID: String
    private let secret: SymmetricKey

    package init(accessKeyID: String, secretAccessKey: String) {
        self.accessKeyID = accessKeyID
        secret = SymmetricKey(data: Array(secretAccessKey.utf8))
    }

    /// The query of a signed request, without the `?`.
    /// - Parameters:
    ///   - method: `GET` or `POST`.
    ///   - path: without a trailing slash.
    ///   - parameters: the call's own; the common ones are added here.
    package func query(
        method: String, path: String, parameters: [(name: String, value: String)], body: [UInt8] = [], time: Timestamp
    ) -> String {
        let common = [
            ("access_key_id", accessKeyID), ("signature_method", "HmacSHA256"), ("signature_version", "1"),
            ("timestamp", time.iso8601), ("version", "1"),
        ]
        let pairs = (parameters + common).map { SignedRequest.Parameter(name: $0.0, value: $0.1) }
        let query = CanonicalQuery.bytes(of: pairs, space: .percent)
        let text = String(decoding: query, as: UTF8.self)
        return text + "&signature="
            + CanonicalQuery.encode(signature(method: method, path: path, query: text, body: body))
    }

    /// The signature, in Base64, of a request with this query as it is.
    package func signature(method: String, path: String, query: String, body: [UInt8] = []) -> String {
        var code = HMAC<SHA256>(key: secret)
        code.update(data: Array("\(method)\n\(path)\n\(query)\n".utf8) + Self.bodyDigest(body))
        return Data(code.finalize()).base64EncodedString()
    }

    /// The MD5 of a body in lower-case hexadecimal digits. The API asks for MD5; it guards nothing by itself here, the
    /// HMAC over it does.
    static func bodyDigest(_ body: [UInt8]) -> [UInt8] {
        body.isEmpty ? emptyBodyDigest : hex(Insecure.MD5.hash(data: body))
    }

    private static let emptyBodyDigest = hex(Insecure.MD5.hash(data: [UInt8]()))

    private static func hex(_ digest: Insecure.MD5Digest) -> [UInt8] { Array(Hex.text(digest).utf8) }

    /// A new secret access key: 40 letters and digits from the system's random source.
    package static func makeSecretAccessKey() -> String {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array(AccountKind.alphabet.utf8)
        let bytes = (0..<40).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
