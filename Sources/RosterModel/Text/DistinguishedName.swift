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
        names.reserveCapacity(8)
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
    private let text: ArraySlice<UInt8>
    /// Where the unparsed text begins.
    private var place: Int
    /// Where the parent's name begins, once a relative name has been parsed that has one.
    private var parentStart: Int?

    init(rest: ArraySlice<UInt8>) {
        text = rest
        place = rest.startIndex
    }

    /// The text after the comma, once a relative name has been parsed.
    var parent: ArraySlice<UInt8>? { parentStart.map { text[$0...] } }

    private var next: UInt8? { place < text.endIndex ? text[place] : nil }

    private mutating func pop() -> UInt8? {
        guard place < text.endIndex else { return nil }
        defer { place += 1 }
        return text[place]
    }

    /// `relativeDistinguishedName = attributeTypeAndValue *( PLUS attributeTypeAndValue )`
    mutating func relativeName() -> DistinguishedName.RelativeName? {
        guard let first = attribute() else { return nil }
        var attributes = [first]
        while true {
            switch pop() {
            case UInt8(ascii: "+"):
                guard let attribute = attribute() else { return nil }
                attributes.append(attribute)
            case UInt8(ascii: ","):
                skipSpaces()
                parentStart = place
                return next == nil ? nil : attributes
            case nil: return attributes
            default: return nil
            }
        }
    }

    /// `attributeTypeAndValue = attributeType EQUALS attributeValue`
    private mutating func attribute() -> DistinguishedName.Attribute? {
        skipSpaces()
        let start = place
        while let byte = next, byte.isASCIILetterOrDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") {
            place += 1
        }
        let name = text[start..<place]
        skipSpaces()
        guard !name.isEmpty, pop() == UInt8(ascii: "=") else { return nil }
        skipSpaces()
        guard let value = next == UInt8(ascii: "#") ? hexString() : string() else { return nil }
        return DistinguishedName.Attribute(name: Self.lowercased(name), value: value)
    }

    /// - Parameter name: ASCII.
    private static func lowercased(_ name: ArraySlice<UInt8>) -> String {
        String(unsafeUninitializedCapacity: name.count) { buffer in
            for (place, byte) in name.enumerated() { buffer[place] = byte.asciiLowercased }
            return name.count
        }
    }

    /// `hexstring = SHARP 1*hexpair`: a value in BER. No name that Roster looks up has that form, so its text is used
    /// as the value.
    private mutating func hexString() -> String? {
        let start = place
        place += 1
        repeat {
            guard hexPair() != nil else { return nil }
        } while next.flatMap(Hex.value) != nil
        let value = text[start..<place]
        skipSpaces()
        return String(decoding: value, as: UTF8.self)
    }

    /// `string`: characters, some of which must be escaped, as a backslash and either the character or two hexadecimal
    /// digits.
    private mutating func string() -> String? {
        let start = place
        // Trailing spaces belong to the value only if they are escaped.
        var end = place
        while let byte = next, byte != UInt8(ascii: ","), byte != UInt8(ascii: "+") {
            switch byte {
            case UInt8(ascii: "\\"): return escapedString(after: text[start..<place], keeping: end - start)
            case UInt8(ascii: "\""), UInt8(ascii: ";"), UInt8(ascii: "<"), UInt8(ascii: ">"), 0: return nil
            default:
                place += 1
                if byte != UInt8(ascii: " ") { end = place }
            }
        }
        return String(validating: text[start..<end], as: UTF8.self)
    }

    /// The rest of a `string` from its first backslash on.
    /// - Parameters:
    ///   - beginning: what precedes the backslash.
    ///   - kept: how many of these bytes belong to the value even if nothing but spaces follows.
    private mutating func escapedString(after beginning: ArraySlice<UInt8>, keeping kept: Int) -> String? {
        var value = Array(beginning)
        var kept = kept
        while let byte = next, byte != UInt8(ascii: ","), byte != UInt8(ascii: "+") {
            place += 1
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
        guard let byte = next else { return nil }
        if " \"#+,;<=>\\".utf8.contains(byte) {
            place += 1
            return byte
        }
        return hexPair()
    }

    private mutating func hexPair() -> UInt8? {
        guard let high = pop().flatMap(Hex.value), let low = pop().flatMap(Hex.value) else { return nil }
        return high << 4 | low
    }

    private mutating func skipSpaces() {
        while next == UInt8(ascii: " ") { place += 1 }
    }
}
