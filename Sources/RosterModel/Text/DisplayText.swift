extension StringProtocol {
    /// The text as a message or a terminal may show it: at most `limit` characters, and `?` for what steers a terminal,
    /// turns the direction of writing, or ends a line.
    ///
    /// Not for text that may be a password.
    package func sanitizedForDisplay(limit: Int = 64) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in unicodeScalars.prefix(limit) { shown.append(scalar.isShown ? scalar : "?") }
        return String(shown)
    }
}

extension Unicode.Scalar {
    /// Whether a terminal shows the scalar, and does nothing else with it.
    package var isShown: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

extension StringProtocol {
    /// Whether there is nothing in the text but ASCII from the space to `~`: most text is of that kind, and needs no look at
    /// what Unicode says of each character.
    package var isPrintableASCII: Bool {
        let isPrintable = { (bytes: UnsafeBufferPointer<UInt8>) in bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
        return utf8.withContiguousStorageIfAvailable(isPrintable) ?? false
    }

    /// Whether there is a control character in the text (of ASCII or beyond): it would break a line of passwd(5), or steer a
    /// terminal.
    package var hasControlCharacter: Bool {
        !isPrintableASCII && unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
