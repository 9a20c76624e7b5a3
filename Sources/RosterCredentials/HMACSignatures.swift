import Crypto
import FoundationEssentials
package import Roster

/// Judges requests signed by HMAC-SHA256, as the E-HPC API has it (reference page, section 2).
package struct HMACSignatures: SignatureJudging {
    package let unknownKey: any SignatureJudge

    package init() {
        let noOne = SymmetricKey(size: .bits256)
        unknownKey = HMACJudge(HMAC<SHA256>(key: noOne))
    }

    package func digest(of request: SignedRequest) -> [UInt8]? {
        // The bytes of the signature, not its text: they are the same however it arrived encoded.
        request.claimedSignature.map { Array(SHA256.hash(data: $0)) }
    }

    package func prepare(secret: [UInt8]) -> any SignatureJudge {
        HMACJudge(HMAC<SHA256>(key: SymmetricKey(data: secret)))
    }
}

private struct HMACJudge: SignatureJudge {
    /// The state after the key was taken in: a copy of it starts each code.
    private let keyed: HMAC<SHA256>

    init(_ keyed: HMAC<SHA256>) {
        self.keyed = keyed
    }

    func accepts(_ request: SignedRequest) -> Bool {
        guard let claimed = request.claimedSignature else { return false }
        let tail = Array("\n".utf8) + RequestSigning.bodyDigest(request.body)
        var isAccepted = false
        for query in request.signedQueries {
            for path in request.signedPaths {
                var code = keyed
                code.update(data: Array("\(request.method)\n\(path)\n".utf8))
                code.update(data: query)
                code.update(data: tail)
                // Every candidate is tried and compared whole, whatever the ones before it gave.
                if HMAC<SHA256>.isValidAuthenticationCode(code.finalize(), equals: claimed) { isAccepted = true }
            }
        }
        return isAccepted
    }
}

extension HMAC<SHA256> {
    /// Compares in constant time; both are 32 bytes.
    fileprivate static func isValidAuthenticationCode(_ code: MAC, equals claimed: [UInt8]) -> Bool {
        code.withUnsafeBytes { code in
            guard code.count == claimed.count else { return false }
            var difference: UInt8 = 0
            for index in 0..<code.count { difference |= code[index] ^ claimed[index] }
            return difference == 0
        }
    }
}

extension SignedRequest {
    /// The bytes of the signature, whether it arrived encoded once or twice; nil where it is not Base64 of 32 bytes.
    fileprivate var claimedSignature: [UInt8]? {
        guard var text = self["signature"] else { return nil }
        if text.utf8.contains(UInt8(ascii: "%")) {
            guard let decoded = Self.decode(Array(text.utf8)[...], plusIsSpace: false) else { return nil }
            text = decoded
        }
        guard text.utf8.count == 44, let bytes = Data(base64Encoded: text), bytes.count == 32 else { return nil }
        return Array(bytes)
    }

    /// The queries that may have been signed, without repetition: as received where its names are sorted; sorted and
    /// encoded again, with a space as `%20` or as `+`.
    fileprivate var signedQueries: [[UInt8]] {
        let canonical = CanonicalQuery.bytes(of: parameters, space: .percent)
        var queries = [canonical]
        let withPlus = CanonicalQuery.bytes(of: parameters, space: .plus)
        if withPlus != canonical { queries.append(withPlus) }
        if let received = receivedQuery, !queries.contains(received) { queries.append(received) }
        return queries
    }

    /// The query as received without its `signature` pair; nil where its names are not sorted.
    private var receivedQuery: [UInt8]? {
        let signed = parameters.filter { $0.name != "signature" }
        for (left, right) in zip(signed, signed.dropFirst())
        where !left.name.utf8.lexicographicallyPrecedes(right.name.utf8) {
            return nil
        }
        var raw = Array(rawQuery.utf8)
        if var pair = parameters.first(where: { $0.name == "signature" })?.range {
            // With the pair goes one `&` beside it.
            if pair.lowerBound > 0 {
                pair = (pair.lowerBound - 1)..<pair.upperBound
            } else if pair.upperBound < raw.count {
                pair = pair.lowerBound..<(pair.upperBound + 1)
            }
            raw.removeSubrange(pair)
        }
        return raw
    }

    /// The path without and with a trailing slash: the vendor's page signs the one and sends the other.
    fileprivate var signedPaths: [String] {
        let bare = path.hasSuffix("/") ? String(path.dropLast()) : path
        return [bare, bare + "/"]
    }
}
