extension StringProtocol {
    /// The text made safe for a message or a terminal: at most `limit` Unicode scalars, with `?` for those that control
    /// a terminal, change the writing direction, or end a line.
    ///
    /// Do not use it for text that may be a password.
    package func sanitizedForDisplay(limit: Int = 64) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in unicodeScalars.prefix(limit) { shown.append(scalar.isShown ? scalar : "?") }
        return String(shown)
    }
}

extension Unicode.Scalar {
    /// Whether a terminal shows the scalar and does nothing else with it.
    package var isShown: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

extension StringProtocol {
    /// Whether the text is ASCII from space to `~` only. Most text is, and then needs no lookup of Unicode properties.
    package var isPrintableASCII: Bool {
        let isPrintable = { (bytes: UnsafeBufferPointer<UInt8>) in bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
        return utf8.withContiguousStorageIfAvailable(isPrintable) ?? false
    }

    /// Whether the text contains a control character, ASCII or not: it would break a line of passwd(5), or control a
    /// terminal.
    package var hasControlCharacter: Bool {
        !isPrintableASCII && unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
