extension StringProtocol {
    /// The text as a message or a terminal may show it: at most `limit` characters, and `?` for what steers a terminal,
    /// turns the direction of writing, or ends a line.
    ///
    /// Not for text that may be a password.
    package func shown(limit: Int = 64) -> String {
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
