import RosterModel

/// A list of attribute definitions, and what follows from it. A list that has more than the standard one makes another schema.
struct Schema: Sendable {
    /// In the order in which entries show them. An `AttributeType` is a place in it.
    let definitions: [AttributeDefinition]
    /// The names as OCTET STRINGs, by the place of the definition.
    let encodedNames: [[UInt8]]
    /// Where values of users are read, by the place of the definition.
    let userValues: [UserAttributeValue?]
    /// The attributes of users, in the order in which entries show them.
    let userAttributes: [(type: AttributeType, value: UserAttributeValue)]
    /// Where values of groups are read, by the place of the definition.
    let groupValues: [GroupAttributeValue?]
    /// The attributes of groups, in the order in which entries show them.
    let groupAttributes: [(type: AttributeType, value: GroupAttributeValue)]
    /// What `*` selects (RFC 4511 section 4.5.1.8).
    let readableAttributes: AttributeSet
    /// What `+` selects (RFC 3673).
    let operationalAttributes: AttributeSet
    private let types: NameTable<AttributeType>

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
            numbered.flatMap { type, definition in (definition.names + [definition.oid]).map { ($0, type) } })
        var readable = AttributeSet()
        var operational = AttributeSet()
        for (type, definition) in numbered {
            switch definition.usage {
            // Nobody reads passwords.
            case .userApplications where !definition.names.contains("userPassword"): readable.insert(type)
            case .userApplications: break
            case .directoryOperation, .dSAOperation: operational.insert(type)
            }
        }
        readableAttributes = readable
        operationalAttributes = operational
    }

    var allTypes: [AttributeType] { definitions.indices.map { AttributeType(index: UInt8($0)) } }

    /// The attributes that an entry of these object classes may have, beside operational ones.
    func attributes(of objectClasses: [ObjectClass]) -> AttributeSet {
        var attributes = AttributeSet()
        for (type, definition) in zip(allTypes, definitions)
        where objectClasses.contains(where: { definition.requiredBy.contains($0) || definition.allowedBy.contains($0) })
        {
            attributes.insert(type)
        }
        return attributes
    }

    func type(named name: ArraySlice<UInt8>) -> AttributeType? { types.value(of: name) }
}

/// A set of attributes of one schema.
struct AttributeSet: Equatable, Sendable {
    static let capacity = UInt128.bitWidth

    /// A bit for each `AttributeType.index`.
    private var bits: UInt128 = 0

    mutating func insert(_ type: AttributeType) { bits |= 1 << UInt128(type.index) }
    mutating func formUnion(_ other: AttributeSet) { bits |= other.bits }
    func contains(_ type: AttributeType) -> Bool { bits >> UInt128(type.index) & 1 == 1 }
}
