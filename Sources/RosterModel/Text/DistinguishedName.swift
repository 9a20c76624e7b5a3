/// The name of an entry in a directory (RFC 4514): relative names from the entry up to the root.
package struct DistinguishedName: Sendable, Equatable {
    /// One step of the name: mostly one attribute with its value, several where `+` joins them.
    package typealias RelativeName = [Attribute]

    /// One attribute of a relative name, and its value without escapes.
    package struct Attribute: Sendable, Equatable {
        /// The attribute's name in small letters, or its object identifier.
        package let name: String
        /// A value written as `#` and hexadecimal digits stays so.
        package let value: String
    }

    /// The entry's own first; empty for the root.
    package let relativeNames: [RelativeName]

    /// Reads the text of section 3. Spaces around names and values are passed over, as section 2.1 of RFC 2253
    /// (LDAPv2) had it. Nil where the text is malformed, or a value is not UTF-8.
    package init?(_ text: ArraySlice<UInt8>) {
        var names: [RelativeName] = []
        var rest: ArraySlice<UInt8>? = text.allSatisfy { $0 == UInt8(ascii: " ") } ? nil : text
        while let text = rest {
            guard let (name, parent) = Self.split(text) else { return nil }
            names.append(name)
            rest = parent
        }
        relativeNames = names
    }

    /// The first relative name of a name that is not empty, and the unread name of the parent, nil where the root is
    /// it. Nil where the first relative name is malformed.
    package static func split(_ text: ArraySlice<UInt8>) -> (first: RelativeName, parent: ArraySlice<UInt8>?)? {
        var parser = Parser(rest: text)
        return parser.relativeName().map { ($0, parser.parent) }
    }
}

/// Takes a name apart, byte by byte; each step returns nil where the text is malformed.
private struct Parser {
    private var rest: ArraySlice<UInt8>
    /// What stands behind the comma, once a relative name was read.
    private(set) var parent: ArraySlice<UInt8>?

    init(rest: ArraySlice<UInt8>) {
        self.rest = rest
    }

    /// `relativeDistinguishedName = attributeTypeAndValue *( PLUS attributeTypeAndValue )`
    mutating func relativeName() -> DistinguishedName.RelativeName? {
        var attributes: DistinguishedName.RelativeName = []
        while true {
            guard let attribute = attribute() else { return nil }
            attributes.append(attribute)
            switch rest.popFirst() {
            case UInt8(ascii: "+"): continue
            case UInt8(ascii: ","):
                skipSpaces()
                parent = rest
                return rest.isEmpty ? nil : attributes
            case nil: return attributes
            default: return nil
            }
        }
    }

    /// `attributeTypeAndValue = attributeType EQUALS attributeValue`
    private mutating func attribute() -> DistinguishedName.Attribute? {
        skipSpaces()
        let name = rest.prefix {
            $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        rest = rest[name.endIndex...]
        skipSpaces()
        guard !name.isEmpty, rest.popFirst() == UInt8(ascii: "=") else { return nil }
        skipSpaces()
        guard let value = rest.first == UInt8(ascii: "#") ? hexString() : string() else { return nil }
        return DistinguishedName.Attribute(
            name: String(decoding: name.map(\.asciiLowercased), as: UTF8.self), value: value)
    }

    /// `hexstring = SHARP 1*hexpair`: a value in BER. No name that Roster looks for is written so, and its text
    /// stands for it.
    private mutating func hexString() -> String? {
        let whole = rest
        rest = rest.dropFirst()
        repeat {
            guard hexPair() != nil else { return nil }
        } while rest.first.flatMap(Hex.value) != nil
        let text = whole[..<rest.startIndex]
        skipSpaces()
        return String(decoding: text, as: UTF8.self)
    }

    /// `string`: characters, of which some must be escaped by a backslash, as themselves or as two hexadecimal digits.
    private mutating func string() -> String? {
        var value: [UInt8] = []
        // Spaces at the end belong to the value only where they are escaped.
        var kept = 0
        while let byte = rest.first, byte != UInt8(ascii: ","), byte != UInt8(ascii: "+") {
            rest = rest.dropFirst()
            switch byte {
            case UInt8(ascii: "\\"):
                guard let escaped = escaped() else { return nil }
                value.append(escaped)
                kept = value.count
            case UInt8(ascii: "\""), UInt8(ascii: ";"), UInt8(ascii: "<"), UInt8(ascii: ">"), 0:
                return nil
            default:
                value.append(byte)
                if byte != UInt8(ascii: " ") { kept = value.count }
            }
        }
        return String(validating: value[..<kept], as: UTF8.self)
    }

    /// `pair = ESC ( ESC / special / hexpair )`, behind the first backslash.
    private mutating func escaped() -> UInt8? {
        guard let byte = rest.first else { return nil }
        if " \"#+,;<=>\\".utf8.contains(byte) {
            rest = rest.dropFirst()
            return byte
        }
        return hexPair()
    }

    private mutating func hexPair() -> UInt8? {
        guard let high = rest.popFirst().flatMap(Hex.value), let low = rest.popFirst().flatMap(Hex.value) else {
            return nil
        }
        return high << 4 | low
    }

    private mutating func skipSpaces() {
        rest = rest.drop { $0 == UInt8(ascii: " ") }
    }
}
