/// The attributes of one user: by attribute, its values in the order in which they were given.
///
/// As a text, which stores keep and the snapshot holds, they are lines of LDIF (RFC 2849): `name: value`, or `name:: base64` for a
/// value that LDIF does not write plainly. The attributes stand in the order of `UserAttribute`.
package struct UserAttributes: Sendable, Equatable {
    private var lists: [UserAttribute: [[UInt8]]] = [:]

    package init() {}

    package var isEmpty: Bool { lists.isEmpty }

    /// The values of an attribute; empty for one that the user does not have. What is set is checked before (`UserAttribute.check`).
    package subscript(_ attribute: UserAttribute) -> [[UInt8]] {
        get { lists[attribute] ?? [] }
        set { lists[attribute] = newValue.isEmpty ? nil : newValue }
    }

    /// The values of an attribute as texts.
    package func texts(_ attribute: UserAttribute) -> [String] {
        self[attribute].map { String(decoding: $0, as: UTF8.self) }
    }

    /// The attributes that the user has, in the order of `UserAttribute`.
    package var present: [UserAttribute] { UserAttribute.allCases.filter { lists[$0] != nil } }

    // MARK: As a text

    /// The attributes as a text; nil where there is none.
    package var text: String? {
        guard !isEmpty else { return nil }
        var bytes: [UInt8] = []
        for attribute in present {
            for value in self[attribute] {
                bytes += attribute.name.utf8
                if Self.isPlain(value) {
                    bytes += ": ".utf8
                    bytes += value
                } else {
                    bytes += ":: ".utf8
                    bytes += Base64.encode(value)
                }
                bytes.append(UInt8(ascii: "\n"))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads what `text` gives. An attribute that only a newer program knows is passed over.
    package init(text: UnsafeBufferPointer<UInt8>) {
        Self.forEachValue(of: text) { name, value in
            guard let attribute = UserAttribute(name: String(decoding: name, as: UTF8.self)) else { return }
            lists[attribute, default: []].append(Array(value))
        }
    }

    /// Calls `body` with the name and the value of each line of `text`, which are valid during the call.
    package static func forEachValue(
        of text: UnsafeBufferPointer<UInt8>,
        _ body: (_ name: Slice<UnsafeBufferPointer<UInt8>>, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var rest = text[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = line[(colon + 1)...]
            if value.first == UInt8(ascii: ":") {
                Base64.decode(value.dropFirst(2))?.withUnsafeBufferPointer { body(line[..<colon], $0) }
            } else {
                body(line[..<colon], UnsafeBufferPointer(rebasing: value.dropFirst()))
            }
        }
    }

    /// Whether one of the values of an attribute in `text` is such as `isWanted` says.
    package static func hasValue(
        in text: UnsafeBufferPointer<UInt8>, of attribute: UserAttribute,
        _ isWanted: (UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Bool {
        guard !text.isEmpty else { return false }
        var isFound = false
        forEachValue(of: text) { name, value in
            if !isFound, name.elementsEqual(attribute.name.utf8) { isFound = isWanted(value) }
        }
        return isFound
    }

    /// Whether LDIF writes a value plainly here: UTF-8 without line breaks, NUL and blanks at its ends.
    private static func isPlain(_ value: [UInt8]) -> Bool {
        guard let first = value.first, let last = value.last else { return false }
        return first != UInt8(ascii: " ") && first != UInt8(ascii: ":") && first != UInt8(ascii: "<")
            && last != UInt8(ascii: " ") && !value.contains { $0 == 0 || $0 == 10 || $0 == 13 }
            && String(validating: value, as: UTF8.self) != nil
    }
}
