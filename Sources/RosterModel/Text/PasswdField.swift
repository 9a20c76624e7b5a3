/// Checks of paths and other text for a field of passwd(5).
package enum PasswdField {
    /// The maximum length of a field, in bytes.
    package static let maximumBytes = 1024

    /// Checks the text of a field.
    /// - Throws: `invalidParameter` for `name` if the text is longer than 1024 bytes, or contains a control character
    ///   or `:`, which would end the field.
    package static func check(_ text: String, name: String) throws(RosterError) {
        guard text.utf8.count <= maximumBytes else { throw .invalid(name, "is longer than \(maximumBytes) bytes") }
        guard !text.hasControlCharacter, !text.utf8.contains(UInt8(ascii: ":")) else {
            throw .invalid(name, "holds a control character or a colon")
        }
    }

    /// Checks an absolute path.
    /// - Throws: `invalidParameter` for `name`, like `check`, and if the path does not begin with `/`.
    package static func checkPath(_ path: String, name: String) throws(RosterError) {
        // Compared by bytes: a combining mark after the slash would make it a different Character.
        guard path.utf8.first == UInt8(ascii: "/") else { throw .invalid(name, "is not an absolute path") }
        try check(path, name: name)
    }

    /// Checks the path of a home, which must be below the root.
    /// - Throws: `invalidParameter` for `name`, like `checkPath`, and if a component is empty, `.` or `..`.
    package static func checkHome(_ path: String, name: String) throws(RosterError) {
        try checkPath(path, name: name)
        let components = path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard components.allSatisfy({ !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) })
        else {
            throw .invalid(name, "has an empty component, '.' or '..', or is the root")
        }
    }
}
