/// The name of an entry in a directory (RFC 4514): relative names from the entry up to the root.
package struct DistinguishedName: Sendable, Equatable {
    /// A relative name: usually one attribute with its value, several if joined by `+`.
    package typealias RelativeName = [Attribute]

    /// An attribute of a relative name, with its unescaped value.
    package struct Attribute: Sendable, Equatable {
        /// The attribute's name in lower case, or its object identifier.
        package let name: String
        /// A value given as `#` and hexadecimal digits is left in that form.
        package let value: String
    }

    /// The entry's own relative name first; empty for the root.
    package let relativeNames: [RelativeName]

    /// Parses the text form of section 3. Spaces around names and values are ignored, as in section 2.1 of RFC 2253
    /// (LDAPv2). Nil if the text is malformed or a value is not UTF-8.
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

    /// Splits a non-empty name into its first relative name and the unparsed name of the parent, which is nil if the
    /// parent is the root. Nil if the first relative name is malformed.
    package static func split(_ text: ArraySlice<UInt8>) -> (first: RelativeName, parent: ArraySlice<UInt8>?)? {
        var parser = Parser(rest: text)
        return parser.relativeName().map { ($0, parser.parent) }
    }

    /// Whether both have the same attributes with the same values, ignoring the case and needless spaces of values, and
    /// the order within a relative name. An attribute has to have the same name in both.
    package func isSame(as other: DistinguishedName) -> Bool {
        let comparison = TextComparison(ignoresCase: true, ignoresSpaces: true)
        func normalized(_ name: RelativeName) -> Set<[UInt8]> {
            Set(name.map { Array($0.name.utf8) + [UInt8(ascii: "=")] + comparison.prepared($0.value) })
        }
        return relativeNames.count == other.relativeNames.count
            && zip(relativeNames, other.relativeNames).allSatisfy { normalized($0) == normalized($1) }
    }
}

/// Parses a name byte by byte; each step returns nil if the text is malformed.
private struct Parser {
    private var rest: ArraySlice<UInt8>
    /// The text after the comma, once a relative name has been parsed.
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

    /// `hexstring = SHARP 1*hexpair`: a value in BER. No name that Roster looks up has that form, so its text is used
    /// as the value.
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

    /// `string`: characters, some of which must be escaped, as a backslash and either the character or two hexadecimal
    /// digits.
    private mutating func string() -> String? {
        var value: [UInt8] = []
        // Trailing spaces belong to the value only if they are escaped.
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

    /// `pair = ESC ( ESC / special / hexpair )`, after the backslash.
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
