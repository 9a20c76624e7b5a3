import FoundationEssentials

/// Base64 as RFC 4648 section 4 has it: padded, nothing between the digits.
package enum Base64 {
    /// The bytes, or nil where the text is not exactly what encoding them gives: it was cut short, or changed.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        let text = Data(text)
        // The decoder is lenient about padding and left-over bits; encoding again is not.
        guard let decoded = Data(base64Encoded: text), decoded.base64EncodedData() == text else { return nil }
        return Array(decoded)
    }

    /// The text of `bytes`.
    package static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] { Array(Data(bytes).base64EncodedData()) }
}
