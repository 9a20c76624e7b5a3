/// Escapes values of names (RFC 4514 section 2.4).
package enum NameEscaping {
    /// The value with every character escaped that must be.
    package static func escaped(_ value: String) -> String {
        var value = value
        return value.withUTF8 { bytes in needsNone(bytes) ? nil : String(decoding: escaped(bytes), as: UTF8.self) }
            ?? value
    }

    /// Whether nothing needs escaping, as in most names.
    package static func needsNone(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return true }
        return first != UInt8(ascii: " ") && first != UInt8(ascii: "#") && last != UInt8(ascii: " ")
            && bytes.allSatisfy { !isSpecial($0) }
    }

    /// Like `escaped` of a string, for UTF-8.
    package static func escaped(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        for (place, byte) in bytes.enumerated() {
            let isSpace = byte == UInt8(ascii: " ") && (place == 0 || place == bytes.count - 1)
            if byte == 0 {
                result += Array("\\00".utf8)
                continue
            }
            if isSpace || isSpecial(byte) || byte == UInt8(ascii: "#") && place == 0 {
                result.append(UInt8(ascii: "\\"))
            }
            result.append(byte)
        }
        return result
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "<"),
            UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "="), 0:
            true
        default: false
        }
    }
}

extension DistinguishedName {
    /// The name as text (RFC 4514 section 2).
    package var text: String {
        relativeNames.map { name in
            name.map { "\($0.name)=\(NameEscaping.escaped($0.value))" }.joined(separator: "+")
        }.joined(separator: ",")
    }
}
