/// The attributes of one user: by attribute, its values in the order in which they were given.
///
/// As a text, which stores keep and the snapshot holds, they are lines of LDIF (RFC 2849): `name: value`, or `name:: base64` for a
/// value that LDIF does not write plainly. The attributes stand in the order of `UserAttribute`.
package struct UserAttributes: Sendable, Equatable {
    private var lists: [UserAttribute: [[UInt8]]] = [:]

    /// The most bytes that the values of one user may have together. The snapshot keeps those of 512 users in one piece.
    package static let maximumBytes = 1 << 20

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

    /// What passwd(5) shows of a user for whom nothing else was given: the first full name without a colon; nil where there is
    /// none.
    package var gecos: String? {
        texts(.fullName).first { !$0.contains(":") && $0.utf8.count <= PasswdField.maximumBytes }
    }

    /// How many bytes the values have together.
    package var byteCount: Int { lists.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } } }

    /// The attributes that the user has, in the order of `UserAttribute`.
    package var present: [UserAttribute] { UserAttribute.allCases.filter { lists[$0] != nil } }

    // MARK: As a text

    /// The attributes as a text; nil where there is none.
    package var text: String? {
        guard !isEmpty else { return nil }
        var text = LDIFText()
        for attribute in present {
            for value in self[attribute] { text.append(attribute.name, value) }
        }
        return text.string
    }

    /// Reads what `text` gives. An attribute that only a newer program knows is passed over.
    package init(text: UnsafeBufferPointer<UInt8>) {
        for line in LDIFText.Lines(text) {
            guard let attribute = UserAttribute(rawValue: String(decoding: line.name, as: UTF8.self)) else { continue }
            _ = line.withValue { lists[attribute, default: []].append(Array($0)) }
        }
    }

    /// Calls `body` with each value of an attribute in `text`, until it says no; the value is valid during the call.
    /// - Returns: false where `body` said no.
    @discardableResult
    package static func forEachValue(
        of attribute: UserAttribute, in text: UnsafeBufferPointer<UInt8>,
        _ body: (UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Bool {
        for line in LDIFText.Lines(text) where line.name.elementsEqual(attribute.name.utf8) {
            if line.withValue(body) == false { return false }
        }
        return true
    }

    /// Whether one of the values of an attribute in `text` is such as `isWanted` says.
    package static func hasValue(
        of attribute: UserAttribute, in text: UnsafeBufferPointer<UInt8>,
        where isWanted: (UnsafeBufferPointer<UInt8>) -> Bool = { _ in true }
    ) -> Bool {
        !forEachValue(of: attribute, in: text) { !isWanted($0) }
    }
}
