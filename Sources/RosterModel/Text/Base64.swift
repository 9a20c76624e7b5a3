import FoundationEssentials

/// Base64 of RFC 4648 section 4: padded, without line breaks.
package enum Base64 {
    /// Decodes `text`; nil if it is not exactly the encoding of some bytes.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        let text = Data(text)
        // Foundation's decoder is lenient about padding and leftover bits; encoding again detects both.
        guard let decoded = Data(base64Encoded: text), decoded.base64EncodedData() == text else { return nil }
        return Array(decoded)
    }

    /// Encodes `bytes`.
    package static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] { Array(Data(bytes).base64EncodedData()) }
}
