/// The attributes of one user, each with its values in the order given.
///
/// The text form, which stores and the snapshot hold, is lines of LDIF (RFC 2849): `name: value`, or `name:: base64`
/// for a value that LDIF cannot hold as plain text. The lines are in the order of `UserAttribute.standard`, those of
/// declared attributes by name after them.
package struct UserAttributes: Sendable, Equatable {
    /// By the attribute's name. A declaration may have been removed, or come from a newer version.
    private var lists: [String: [[UInt8]]] = [:]

    /// The maximum number of bytes of all values of a user. The snapshot stores the attributes of a block of 512 users
    /// in one piece.
    package static let maximumBytes = 1 << 20

    /// Creates an empty set of attributes.
    package init() {}

    package var isEmpty: Bool { lists.isEmpty }

    /// The values of an attribute; empty if the user does not have it. The setter does not check values; call
    /// `UserAttribute.check` first.
    package subscript(_ attribute: UserAttribute) -> [[UInt8]] {
        get { lists[attribute.name] ?? [] }
        set { lists[attribute.name] = newValue.isEmpty ? nil : newValue }
    }

    /// The values of an attribute as strings.
    package func texts(_ attribute: UserAttribute) -> [String] {
        self[attribute].map { String(decoding: $0, as: UTF8.self) }
    }

    /// The SSH keys without their comments and expiry, as `SSHPublicKey.blob` has them; lines that are no keys are left out.
    package var sshKeyBlobs: [[UInt8]] { texts(.sshPublicKey).compactMap { try? SSHPublicKey($0).blob } }

    /// The default GECOS field of passwd(5): the first full name that is short enough and has no colon; nil if there is
    /// none.
    package var gecos: String? {
        texts(.fullName).first { !$0.contains(":") && $0.utf8.count <= PasswdField.maximumBytes }
    }

    /// The number of bytes of all values.
    package var byteCount: Int { lists.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } } }

    /// The attributes of `catalog` that the user has, in its order.
    package func present(in catalog: AttributeCatalog = .standard) -> [UserAttribute] {
        catalog.all.filter { lists[$0.name] != nil }
    }

    /// The names of the attributes that the user has, in the order of the text form.
    package var names: [String] {
        guard !lists.isEmpty else { return [] }
        let standard = Self.standardNames.filter { lists[$0] != nil }
        guard standard.count < lists.count else { return standard }
        return standard + lists.keys.filter { !standard.contains($0) }.sorted()
    }

    private static let standardNames = UserAttribute.standard.map(\.name)

    /// The values of the attribute with exactly that name; empty if the user does not have it.
    package func values(named name: String) -> [[UInt8]] { lists[name] ?? [] }

    /// The attributes without those that only this directory declares.
    package var standardOnly: UserAttributes {
        var standard = UserAttributes()
        for name in Self.standardNames { standard.lists[name] = lists[name] }
        return standard
    }

    /// Replaces the values of each attribute that `other` has.
    package mutating func replaceValues(with other: UserAttributes) {
        lists.merge(other.lists) { _, new in new }
    }

    // MARK: As a text

    /// The text form; nil if there are no attributes.
    package var text: String? {
        guard !isEmpty else { return nil }
        var text = LDIFText()
        for name in names {
            for value in lists[name] ?? [] { text.append(name, value) }
        }
        return text.string
    }

    /// Parses the text form.
    package init(text: UnsafeBufferPointer<UInt8>) {
        for line in LDIFText.Lines(text) {
            let name = String(decoding: line.name, as: UTF8.self)
            _ = line.withValue { lists[name, default: []].append(Array($0)) }
        }
    }

    /// Calls `body` with each value of an attribute in `text` until it returns false; the buffer is valid during the
    /// call.
    /// - Returns: false if `body` returned false.
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

    /// Whether `text` has a value of the attribute that satisfies `isWanted`.
    package static func hasValue(
        of attribute: UserAttribute, in text: UnsafeBufferPointer<UInt8>,
        where isWanted: (UnsafeBufferPointer<UInt8>) -> Bool = { _ in true }
    ) -> Bool {
        !forEachValue(of: attribute, in: text) { !isWanted($0) }
    }
}
