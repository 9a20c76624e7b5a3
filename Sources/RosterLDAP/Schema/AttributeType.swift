import RosterModel

/// An attribute that Roster knows, as an index into `Schema`. A filter on any other attribute is Undefined.
struct AttributeType: Hashable, Sendable {
    /// The index of its definition in `Schema.definitions`.
    let index: UInt8

    /// The attribute with that name, ignoring case, or that object identifier. Nil for a name with options.
    init?(_ name: ArraySlice<UInt8>) {
        guard let type = Schema.standard.type(named: name) else { return nil }
        self = type
    }

    /// The same for a name that is a string.
    init?(_ name: String) {
        guard let type = Schema.standard.type(named: name) else { return nil }
        self = type
    }

    /// The attribute described with options after a semicolon (RFC 4512 section 2.5); nil if there are no options.
    init?(withOptions description: ArraySlice<UInt8>) {
        guard let end = description.firstIndex(of: UInt8(ascii: ";")), let type = AttributeType(description[..<end])
        else { return nil }
        self = type
    }

    init(index: UInt8) {
        self.index = index
    }

    var definition: AttributeDefinition { Schema.standard.definitions[Int(index)] }
    var name: String { definition.names[0] }
    /// The name as an OCTET STRING.
    var encodedName: [UInt8] { Schema.standard.encodedNames[Int(index)] }
    var isOperational: Bool { Schema.standard.operationalAttributes.contains(self) }
    /// Its direct and indirect subtypes (RFC 4512 section 2.5.1).
    var subtypes: [AttributeType] { Schema.standard.subtypes[Int(index)] }
    /// Where the value of a user comes from; nil if users do not have the attribute.
    var userValue: UserAttributeValue? { Schema.standard.userValues[Int(index)] }
    /// Where the value of a group comes from; nil if groups do not have the attribute.
    var groupValue: GroupAttributeValue? { Schema.standard.groupValues[Int(index)] }
}

/// The attributes that the code refers to by name.
extension AttributeType {
    static let objectClass = standard("objectClass")
    static let uid = standard("uid")
    static let cn = standard("cn")
    static let ou = standard("ou")
    static let dc = standard("dc")
    static let o = standard("o")
    static let c = standard("c")
    static let description = standard("description")
    static let userPassword = standard("userPassword")
    static let pwdAttribute = standard("pwdAttribute")
    static let pwdLockout = standard("pwdLockout")
    static let structuralObjectClass = standard("structuralObjectClass")
    static let entryUUID = standard("entryUUID")
    static let entryDN = standard("entryDN")
    static let createTimestamp = standard("createTimestamp")
    static let modifyTimestamp = standard("modifyTimestamp")
    static let subtreeSpecification = standard("subtreeSpecification")
    static let hasSubordinates = standard("hasSubordinates")
    static let subschemaSubentry = standard("subschemaSubentry")
    static let namingContexts = standard("namingContexts")
    static let supportedControl = standard("supportedControl")
    static let supportedExtension = standard("supportedExtension")
    static let supportedFeatures = standard("supportedFeatures")
    static let supportedLDAPVersion = standard("supportedLDAPVersion")
    static let vendorName = standard("vendorName")
    static let objectClasses = standard("objectClasses")
    static let attributeTypes = standard("attributeTypes")
    static let ldapSyntaxes = standard("ldapSyntaxes")
    static let matchingRules = standard("matchingRules")

    private static func standard(_ name: String) -> AttributeType {
        guard let type = AttributeType(name) else {
            preconditionFailure("the schema has no attribute \(name)")
        }
        return type
    }
}
