/// A line of LDIF (RFC 2849): `name: value`, or `name:: base64` for a value that LDIF does not write plainly.
package enum LDIFLine {
    /// Appends a line with its line feed; it is not folded.
    package static func append(_ name: String, _ value: some Collection<UInt8>, to bytes: inout [UInt8]) {
        bytes += name.utf8
        if isPlain(value) {
            bytes += ": ".utf8
            bytes += value
        } else {
            bytes += ":: ".utf8
            bytes += Base64.encode(Array(value))
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Whether a value stands plainly: UTF-8 without line breaks, NUL and blanks at its ends.
    private static func isPlain(_ value: some Collection<UInt8>) -> Bool {
        guard let first = value.first else { return true }
        var last = first
        for byte in value {
            if byte == 0 || byte == 10 || byte == 13 { return false }
            last = byte
        }
        return first != UInt8(ascii: " ") && first != UInt8(ascii: ":") && first != UInt8(ascii: "<")
            && last != UInt8(ascii: " ") && String(validating: value, as: UTF8.self) != nil
    }
}
