package import RosterModel

/// The query in the form that the API signs: pairs sorted by name, every byte except `A-Za-z0-9-_.~` escaped in upper
/// case.
package enum CanonicalQuery {
    /// How a space is written: as `%20` on the vendor's page, as `+` by the vendor's sample program.
    package enum Space: Sendable {
        case percent
        case plus
    }

    /// The pairs without `signature`, sorted by name and encoded.
    package static func bytes(of parameters: [SignedRequest.Parameter], space: Space) -> [UInt8] {
        var bytes: [UInt8] = []
        let sorted = parameters.filter { $0.name != "signature" }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for parameter in sorted {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
            append(parameter.name, to: &bytes, space: space)
            bytes.append(UInt8(ascii: "="))
            append(parameter.value, to: &bytes, space: space)
        }
        return bytes
    }

    /// `text`, encoded as a name or value of a query.
    package static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        append(text, to: &bytes, space: .percent)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ text: String, to bytes: inout [UInt8], space: Space) {
        for byte in text.utf8 {
            switch byte {
            case _ where byte.isASCIILetterOrDigit, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                bytes.append(byte)
            case UInt8(ascii: " ") where space == .plus:
                bytes.append(UInt8(ascii: "+"))
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(Hex.digit(byte >> 4, uppercase: true))
                bytes.append(Hex.digit(byte & 0xF, uppercase: true))
            }
        }
    }
}
