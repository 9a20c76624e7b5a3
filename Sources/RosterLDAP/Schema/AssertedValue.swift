import RosterModel

/// A value of a filter, parsed under its syntax. An invalid value makes the filter Undefined.
enum AssertedValue: Equatable {
    case text(String)
    /// A number outside the range of `Int64` is clamped: no entry has either bound.
    case integer(Int64)
    case time(Timestamp)
    case objectClass(ObjectClass)
    case attributeType(AttributeType)
    /// The object identifier at the start of a description.
    case described(oid: String)
    case name(DistinguishedName)
    /// A name followed by a unique identifier, which no name here has.
    case identifiedName
    case boolean(Bool)
    case uuid(EntryUUID)

    init?(_ bytes: ArraySlice<UInt8>, under rule: MatchingRule) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        switch rule {
        case .caseIgnore, .caseExact, .caseIgnoreList, .telephoneNumber:
            guard !text.isEmpty else { return nil }
            self = .text(text)
        case .caseIgnoreIA5, .caseExactIA5:
            guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
            self = .text(text)
        case .octetString: self = .text(text)
        case .numericString:
            guard !text.isEmpty, bytes.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: " ") }) else { return nil }
            self = .text(text)
        case .bitString:
            guard text.count >= 3, text.hasPrefix("'"), text.hasSuffix("'B"),
                bytes.dropFirst().dropLast(2).allSatisfy({ "01".utf8.contains($0) })
            else { return nil }
            self = .text(text)
        case .objectIdentifierFirstComponent:
            let isNumeric =
                bytes.contains(UInt8(ascii: ".")) && bytes.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ".") }
            let oid = ObjectClass(bytes)?.oid ?? AttributeType(bytes)?.definition.oid ?? MatchingRule(bytes)?.oid
            guard let oid = oid ?? (isNumeric ? text : nil) else { return nil }
            self = .described(oid: oid)
        case .integer, .integerFirstComponent, .integerBitAnd, .integerBitOr:
            guard let number = Self.integer(text.utf8) else { return nil }
            self = number
        case .objectIdentifier:
            if let known = ObjectClass(bytes) {
                self = .objectClass(known)
            } else if let known = AttributeType(bytes) {
                self = .attributeType(known)
            } else {
                return nil
            }
        case .distinguishedName:
            guard let name = DistinguishedName(bytes) else { return nil }
            self = .name(name)
        case .uniqueMember:
            let (plain, isIdentified) = Self.withoutIdentifier(bytes)
            guard let name = DistinguishedName(plain) else { return nil }
            self = isIdentified ? .identifiedName : .name(name)
        case .generalizedTime:
            guard let time = Self.time(text) else { return nil }
            self = .time(time)
        case .boolean:
            guard text == "TRUE" || text == "FALSE" else { return nil }
            self = .boolean(text == "TRUE")
        case .uuid:
            guard let uuid = EntryUUID(text) else { return nil }
            self = .uuid(uuid)
        }
    }

    /// The name in `NameAndOptionalUID = distinguishedName [ SHARP BitString ]` (RFC 4517 section 3.3.21), and whether
    /// a bit string follows it.
    private static func withoutIdentifier(_ bytes: ArraySlice<UInt8>) -> (name: ArraySlice<UInt8>, isIdentified: Bool) {
        let (quote, digits) = (UInt8(ascii: "'"), "01".utf8)
        guard bytes.suffix(2).elementsEqual("'B".utf8),
            let start = bytes.dropLast(2).lastIndex(where: { !digits.contains($0) }), bytes[start] == quote,
            start > bytes.startIndex, bytes[start - 1] == UInt8(ascii: "#")
        else { return (bytes, false) }
        return (bytes[..<(start - 1)], true)
    }

    /// A time, or ppolicy's value for a permanent lock.
    static func time(_ text: String) -> Timestamp? {
        LockSign.lockedForEverTexts.contains(text)
            ? LockSign.lockedForEver : Timestamp(generalizedTime: Array(text.utf8)[...])
    }

    /// `INTEGER = ( HYPHEN LDIGIT *DIGIT ) / number`: no leading zero, no plus, no minus zero.
    private static func integer(_ text: String.UTF8View) -> AssertedValue? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = text.dropFirst(isNegative ? 1 : 0)
        guard let first = digits.first, digits.allSatisfy(\.isDigit),
            first != UInt8(ascii: "0") || digits.count == 1 && !isNegative
        else { return nil }
        return .integer(Int64(String(text)) ?? (isNegative ? .min : .max))
    }
}
