import Crypto
import FoundationEssentials
package import RosterModel

/// Verifies requests signed by HMAC-SHA256 (reference page of the E-HPC API, section 2).
package struct HMACSignatures: SignatureVerifying {
    package let dummyVerifier: any SignatureVerifier

    /// Creates verifiers for HMAC-SHA256.
    package init() {
        // A random key that no client has.
        dummyVerifier = HMACVerifier(HMAC<SHA256>(key: SymmetricKey(size: .bits256)))
    }

    package func digest(of request: SignedRequest) -> [UInt8]? {
        // The bytes of the signature, not its text, so that every encoding of it gives the same digest.
        request.claimedSignature.map { Array(SHA256.hash(data: $0)) }
    }

    package func prepare(secret: [UInt8]) -> any SignatureVerifier {
        HMACVerifier(HMAC<SHA256>(key: SymmetricKey(data: secret)))
    }
}

private struct HMACVerifier: SignatureVerifier {
    /// The state after hashing the key. Each code starts from a copy of it.
    private let keyed: HMAC<SHA256>

    init(_ keyed: HMAC<SHA256>) {
        self.keyed = keyed
    }

    func accepts(_ request: SignedRequest) -> Bool {
        guard let claimed = request.claimedSignature else { return false }
        let tail = RequestSigning.bodyDigest(request.body)
        let paths = request.signedPaths
        // The form that nearly every client signs comes first. An accepted request ends the comparison early, which
        // reveals no more than its response does. A rejected request is compared with every form, whether its key is
        // known or not.
        if let received = request.receivedQuery,
            accepts(claimed, query: received, of: request, paths: paths, tail: tail)
        {
            return true
        }
        return request.canonicalQueries.contains { accepts(claimed, query: $0, of: request, paths: paths, tail: tail) }
    }

    private func accepts(
        _ claimed: [UInt8], query: [UInt8], of request: SignedRequest, paths: [String], tail: [UInt8]
    ) -> Bool {
        paths.contains { path in
            var text: [UInt8] = []
            text.reserveCapacity(query.count + 128)
            text.append(contentsOf: request.method.utf8)
            text.append(UInt8(ascii: "\n"))
            text.append(contentsOf: path.utf8)
            text.append(UInt8(ascii: "\n"))
            text.append(contentsOf: query)
            text.append(UInt8(ascii: "\n"))
            text.append(contentsOf: tail)
            var code = keyed
            code.update(data: text)
            // This `==` compares in constant time.
            return code.finalize() == claimed
        }
    }
}

extension SignedRequest {
    /// The bytes of the signature, percent-encoded once or twice; nil if it is not Base64 of 32 bytes.
    fileprivate var claimedSignature: [UInt8]? {
        guard var text = self["signature"] else { return nil }
        if text.utf8.contains(UInt8(ascii: "%")) {
            guard let decoded = Self.decode(Array(text.utf8)[...], plusIsSpace: false) else { return nil }
            text = decoded
        }
        guard text.utf8.count == 44, let bytes = Data(base64Encoded: text), bytes.count == 32 else { return nil }
        return Array(bytes)
    }

    /// The query, sorted and encoded again, with a space as `%20` or as `+`, without duplicates and without the query
    /// as received.
    fileprivate var canonicalQueries: [[UInt8]] {
        let canonical = CanonicalQuery.bytes(of: parameters, space: .percent)
        let withPlus = CanonicalQuery.bytes(of: parameters, space: .plus)
        let queries = withPlus == canonical ? [canonical] : [canonical, withPlus]
        guard let received = receivedQuery else { return queries }
        return queries.filter { $0 != received }
    }

    /// The query as received without its `signature` pair; nil if its names are not sorted.
    fileprivate var receivedQuery: [UInt8]? {
        var last: String?
        for parameter in parameters where parameter.name != "signature" {
            if let last, !last.utf8.lexicographicallyPrecedes(parameter.name.utf8) { return nil }
            last = parameter.name
        }
        var raw = Array(rawQuery.utf8)
        if var pair = parameters.first(where: { $0.name == "signature" })?.range {
            // Remove one `&` next to the pair too.
            if pair.lowerBound > 0 {
                pair = (pair.lowerBound - 1)..<pair.upperBound
            } else if pair.upperBound < raw.count {
                pair = pair.lowerBound..<(pair.upperBound + 1)
            }
            raw.removeSubrange(pair)
        }
        return raw
    }

    /// The path without and with a trailing slash: the vendor's page signs one and sends the other.
    fileprivate var signedPaths: [String] {
        let bare = path.hasSuffix("/") ? String(path.dropLast()) : path
        return [bare, bare + "/"]
    }
}
