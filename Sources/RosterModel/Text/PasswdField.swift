/// What passwd(5) can hold of a path or of other text.
package enum PasswdField {
    /// The most bytes of a field.
    package static let maximumBytes = 1024

    /// Text of a field of passwd(5).
    /// - Throws: `invalidParameter` for `name` where it is longer than 1024 bytes, or holds a control character or `:`, which
    ///   would end the field.
    package static func check(_ text: String, name: String) throws(RosterError) {
        guard text.utf8.count <= maximumBytes else { throw .invalid(name, "is longer than \(maximumBytes) bytes") }
        guard !text.hasControlCharacter, !text.utf8.contains(UInt8(ascii: ":")) else {
            throw .invalid(name, "holds a control character or a colon")
        }
    }

    /// An absolute path.
    /// - Throws: `invalidParameter` for `name`, as `check` does, and where the path does not begin with `/`.
    package static func checkPath(_ path: String, name: String) throws(RosterError) {
        // By bytes: a combining mark after the slash hides it from a comparison by characters.
        guard path.utf8.first == UInt8(ascii: "/") else { throw .invalid(name, "is not an absolute path") }
        try check(path, name: name)
    }

    /// The path of a home: below the root, each component a name.
    /// - Throws: `invalidParameter` for `name`, as `checkPath` does, and where a component is empty, `.` or `..`.
    package static func checkHome(_ path: String, name: String) throws(RosterError) {
        try checkPath(path, name: name)
        let components = path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard components.allSatisfy({ !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) })
        else {
            throw .invalid(name, "has an empty component, '.' or '..', or is the root")
        }
    }
}
