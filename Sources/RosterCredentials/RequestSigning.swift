import Crypto
import FoundationEssentials
package import RosterModel

/// Signs requests like a client, for `roster user list` and similar commands.
package struct RequestSigning: Sendable {
    private let accessKeyID: String
    private let secret: SymmetricKey

    /// Creates a signer for one access key.
    package init(accessKeyID: String, secretAccessKey: String) {
        self.accessKeyID = accessKeyID
        secret = SymmetricKey(data: Array(secretAccessKey.utf8))
    }

    /// The query of a signed request, without the `?`.
    /// - Parameters:
    ///   - method: `GET` or `POST`.
    ///   - path: the path without a trailing slash.
    ///   - parameters: the parameters of the call; this function adds the common ones.
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

    /// The signature, in Base64, of a request with exactly this query.
    package func signature(method: String, path: String, query: String, body: [UInt8] = []) -> String {
        var code = HMAC<SHA256>(key: secret)
        code.update(data: Array("\(method)\n\(path)\n\(query)\n".utf8) + Self.bodyDigest(body))
        return Data(code.finalize()).base64EncodedString()
    }

    /// The MD5 of a body in lower-case hexadecimal. The API prescribes MD5; the protection comes from the HMAC over it.
    static func bodyDigest(_ body: [UInt8]) -> [UInt8] {
        body.isEmpty ? emptyBodyDigest : hex(Insecure.MD5.hash(data: body))
    }

    private static let emptyBodyDigest = hex(Insecure.MD5.hash(data: [UInt8]()))

    private static func hex(_ digest: Insecure.MD5Digest) -> [UInt8] { Array(Hex.text(digest).utf8) }

    /// Creates a secret access key: 40 letters and digits from the system's random source.
    package static func makeSecretAccessKey() -> String {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array(AccountKind.alphabet.utf8)
        let bytes = (0..<40).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
