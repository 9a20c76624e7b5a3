import RosterModel

/// A list of attribute definitions, and what follows from it. A list with more than the standard attributes makes
/// another schema.
struct Schema: Sendable {
    /// In the order in which entries show them. An `AttributeType` is an index into this list.
    let definitions: [AttributeDefinition]
    /// The names as OCTET STRINGs, by the index of the definition.
    let encodedNames: [[UInt8]]
    /// Where values of users come from, by the index of the definition.
    let userValues: [UserAttributeValue?]
    /// The attributes of users, in the order in which entries show them.
    let userAttributes: [(type: AttributeType, value: UserAttributeValue)]
    /// Where values of groups come from, by the index of the definition.
    let groupValues: [GroupAttributeValue?]
    /// The attributes of groups, in the order in which entries show them.
    let groupAttributes: [(type: AttributeType, value: GroupAttributeValue)]
    /// The subtypes of each attribute, by its index.
    let subtypes: [[AttributeType]]
    /// What `*` selects (RFC 4511 section 4.5.1.8).
    let readableAttributes: AttributeSet
    /// What `+` selects (RFC 3673).
    let operationalAttributes: AttributeSet
    private let types: NameTable

    init(_ definitions: [AttributeDefinition]) {
        precondition(definitions.count <= AttributeSet.capacity, "a set of attributes has no room for more")
        self.definitions = definitions
        encodedNames = definitions.map { definition in
            let name = Array(definition.names[0].utf8)
            precondition(name.count < 0x80, "the name of an attribute needs a longer header")
            return [0x04, UInt8(name.count)] + name
        }
        userValues = definitions.map(\.user)
        groupValues = definitions.map(\.group)
        let numbered = definitions.enumerated().map { index, definition in
            (type: AttributeType(index: UInt8(index)), definition: definition)
        }
        userAttributes = numbered.compactMap { type, definition in definition.user.map { (type, $0) } }
        groupAttributes = numbered.compactMap { type, definition in definition.group.map { (type, $0) } }
        types = NameTable(
            numbered.flatMap { type, definition in (definition.names + [definition.oid]).map { ($0, Int(type.index)) } }
        )
        subtypes = Self.subtypes(definitions)
        var readable = AttributeSet()
        var operational = AttributeSet()
        for (type, definition) in numbered {
            switch definition.usage {
            // Nobody can read passwords.
            case .userApplications where !definition.names.contains("userPassword"): readable.insert(type)
            case .userApplications: break
            case .directoryOperation, .dSAOperation: operational.insert(type)
            }
        }
        readableAttributes = readable
        operationalAttributes = operational
    }

    private static func subtypes(_ definitions: [AttributeDefinition]) -> [[AttributeType]] {
        let places = Dictionary(uniqueKeysWithValues: definitions.enumerated().map { ($1.names[0], $0) })
        var subtypes = [[AttributeType]](repeating: [], count: definitions.count)
        for place in definitions.indices {
            var above = definitions[place].superior
            while let name = above, let superior = places[name] {
                subtypes[superior].append(AttributeType(index: UInt8(place)))
                above = definitions[superior].superior
            }
        }
        return subtypes
    }

    var allTypes: [AttributeType] { definitions.indices.map { AttributeType(index: UInt8($0)) } }

    /// The attributes that an entry of these object classes may have, besides operational ones.
    func attributes(of objectClasses: [ObjectClass]) -> AttributeSet {
        var attributes = AttributeSet()
        for (type, definition) in zip(allTypes, definitions)
        where objectClasses.contains(where: { definition.requiredBy.contains($0) || definition.allowedBy.contains($0) })
        {
            attributes.insert(type)
        }
        return attributes
    }

    func type(named name: ArraySlice<UInt8>) -> AttributeType? {
        types.value(of: name).map { AttributeType(index: UInt8($0)) }
    }

    func type(named name: String) -> AttributeType? {
        types.value(of: name).map { AttributeType(index: UInt8($0)) }
    }
}

/// A set of attributes of one schema.
struct AttributeSet: Equatable, Sendable {
    static let capacity = 256

    /// A bit for each `AttributeType.index`, 64 to a word.
    private var bits: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    mutating func insert(_ type: AttributeType) {
        let bit: UInt64 = 1 << UInt64(type.index & 63)
        switch type.index >> 6 {
        case 0: bits.0 |= bit
        case 1: bits.1 |= bit
        case 2: bits.2 |= bit
        default: bits.3 |= bit
        }
    }

    mutating func formUnion(_ other: AttributeSet) {
        bits.0 |= other.bits.0
        bits.1 |= other.bits.1
        bits.2 |= other.bits.2
        bits.3 |= other.bits.3
    }

    func contains(_ type: AttributeType) -> Bool {
        let word =
            switch type.index >> 6 {
            case 0: bits.0
            case 1: bits.1
            case 2: bits.2
            default: bits.3
            }
        return word >> UInt64(type.index & 63) & 1 == 1
    }

    static func == (left: AttributeSet, right: AttributeSet) -> Bool { left.bits == right.bits }
}
