import RosterModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The text encodings that an import reads. All except UTF-8 are converted by iconv(3) before the file is read.
package enum TextEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    /// With a byte order mark; without one, little-endian.
    case utf16 = "utf-16"
    case utf16BigEndian = "utf-16be"
    /// Windows Western European, a superset of ISO 8859-1's printable characters.
    case cp1252
    /// Chinese; a superset of GB 2312 and GBK.
    case gb18030

    /// Finds an encoding by name, ignoring ASCII case; nil for an unknown name.
    package init?(name: String) {
        switch Username.key(of: name) {
        case "utf-8", "utf8": self = .utf8
        case "utf-16", "utf16", "utf-16le": self = .utf16
        case "utf-16be", "utf16be": self = .utf16BigEndian
        case "cp1252", "windows-1252", "iso-8859-1", "latin1": self = .cp1252
        case "gb18030", "gbk", "gb2312": self = .gb18030
        default: return nil
        }
    }

    /// Guesses the encoding of `bytes`. UTF-16 is recognized by its byte order mark. Bytes that are not UTF-8 are taken
    /// for GB 18030 if those above ASCII come mostly in pairs, otherwise for CP1252. A file that is mostly valid UTF-8
    /// counts as UTF-8: its invalid lines are faults.
    package static func guess(_ bytes: [UInt8]) -> TextEncoding {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return .utf16 }
        guard bytes.contains(where: { $0 >= 0x80 }) else { return .utf8 }
        var (whole, broken) = (0, 0)
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars where scalar.value >= 0x80 {
            if scalar == "\u{FFFD}" { broken += 1 } else { whole += 1 }
        }
        guard broken > whole, !bytes.contains(0) else { return .utf8 }
        var (even, odd) = (0, 0)
        var run = 0
        for byte in bytes + [0] {
            if byte >= 0x80 {
                run += 1
            } else if run > 0 {
                if run % 2 == 0 { even += 1 } else { odd += 1 }
                run = 0
            }
        }
        return even > odd && (try? gb18030.convert(bytes)) != nil ? .gb18030 : .cp1252
    }

    /// Why a file cannot be converted.
    package struct ConversionError: Error, Sendable {
        /// Counts from 1; 0 means the file as a whole.
        package let line: Int
        package let message: String
    }

    /// Converts `bytes` to UTF-8.
    /// - Throws: if the bytes are not in this encoding, or the system cannot convert it.
    package func convert(_ bytes: [UInt8]) throws(ConversionError) -> [UInt8] {
        guard self != .utf8 else { return bytes }
        let converter = iconv_open("UTF-8", rawValue.uppercased())
        guard converter != iconv_t(bitPattern: -1) else {
            throw ConversionError(line: 0, message: "the system cannot convert \(rawValue)")
        }
        defer { iconv_close(converter) }
        var converted: [UInt8] = []
        converted.reserveCapacity(bytes.count + bytes.count / 2)
        var input = bytes
        var read = 0
        var isWhole = true
        input.withUnsafeMutableBytes { input in
            withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
                var from = input.baseAddress?.assumingMemoryBound(to: CChar.self)
                var left = input.count
                while left > 0, isWhole {
                    var into = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
                    var room = buffer.count
                    let result = iconv(converter, &from, &left, &into, &room)
                    // E2BIG means that the buffer is full; any other error ends the conversion.
                    if result == -1, errno != E2BIG { isWhole = false }
                    converted += buffer.prefix(buffer.count - room)
                }
                read = input.count - left
            }
        }
        guard isWhole else {
            throw ConversionError(
                line: converted.count { $0 == UInt8(ascii: "\n") } + 1,
                message: "not valid \(rawValue), from byte \(read) on")
        }
        return converted
    }
}
