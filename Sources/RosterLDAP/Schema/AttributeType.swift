import RosterModel

/// The attributes that Roster's entries have, and those that it knows though none has a value.
///
/// Everything else is unknown: a filter that asks for it is Undefined.
enum AttributeType: UInt8, CaseIterable, Sendable {
    case objectClass, uid, cn, sn, uidNumber, gidNumber, homeDirectory, loginShell, gecos
    case shadowLastChange, shadowExpire, memberUid, ou, dc, o, c, description, userPassword
    case structuralObjectClass, entryUUID, entryDN, createTimestamp, modifyTimestamp, hasSubordinates
    case subschemaSubentry
    case namingContexts, supportedControl, supportedExtension, supportedFeatures, supportedLDAPVersion
    case vendorName, vendorVersion
    case objectClasses, attributeTypes, ldapSyntaxes, matchingRules

    /// What is known of an attribute (RFC 4512 section 4.1.2).
    struct Definition: Sendable {
        let oid: String
        /// The one that entries bear first.
        let names: [String]
        let syntax: Syntax
        var equality: MatchingRule?
        var hasOrdering = false
        var hasSubstrings = false
        var isSingle = false
        var usage = Usage.user
    }

    enum Usage: Sendable {
        case user
        /// Kept by the server, and shown where it is asked for.
        case operational
        /// Of the server itself.
        case server
    }

    var definition: Definition { Self.definitions[Int(rawValue)] }
    var name: String { definition.names[0] }
    /// The name as an OCTET STRING.
    var encodedName: [UInt8] { Self.encodedNames[Int(rawValue)] }
    var isOperational: Bool { Self.operational[Int(rawValue)] }

    /// The attribute called so, without regard to case, or of that object identifier. An attribute with options is
    /// none of these.
    init?(_ name: ArraySlice<UInt8>) {
        guard let type = Self.names.value(of: name) else { return nil }
        self = type
    }

    /// The attribute that is described with options behind a semicolon (RFC 4512 section 2.5); nil where there are none.
    init?(withOptions description: ArraySlice<UInt8>) {
        guard let end = description.firstIndex(of: UInt8(ascii: ";")), let type = AttributeType(description[..<end])
        else { return nil }
        self = type
    }

    private static let encodedNames = allCases.map { type in
        precondition(type.name.utf8.count < 0x80, "an attribute's name needs a longer head")
        return [0x04, UInt8(type.name.utf8.count)] + Array(type.name.utf8)
    }

    private static let operational = allCases.map { $0.definition.usage != .user }

    private static let names = NameTable(
        allCases.flatMap { type in (type.definition.names + [type.definition.oid]).map { ($0, type) } })

    /// By `rawValue`, which is the place among all cases here and in the other lists, and a bit of a `AttributeSelection`.
    private static let definitions: [Definition] = {
        precondition(allCases.count <= 64, "a selection has a bit for each of 64 attributes")
        precondition(allCases.map { Int($0.rawValue) } == Array(allCases.indices), "an attribute's number is its place")
        return allCases.map { $0.makeDefinition() }
    }()

    private func makeDefinition() -> Definition {
        switch self {
        case .objectClass:
            Definition(oid: "2.5.4.0", names: ["objectClass"], syntax: .objectIdentifier, equality: .objectIdentifier)
        case .uid: .words("0.9.2342.19200300.100.1.1", ["uid", "userid"])
        case .cn: .words("2.5.4.3", ["cn", "commonName"])
        case .sn: .words("2.5.4.4", ["sn", "surname"])
        case .uidNumber: .number("1.3.6.1.1.1.1.0", "uidNumber", isOrdered: true)
        case .gidNumber: .number("1.3.6.1.1.1.1.1", "gidNumber", isOrdered: true)
        case .homeDirectory: .path("1.3.6.1.1.1.1.3", "homeDirectory")
        case .loginShell: .path("1.3.6.1.1.1.1.4", "loginShell")
        case .gecos:
            // RFC 2307 has ASCII here, which the names of most people are not.
            Definition(
                oid: "1.3.6.1.1.1.1.2", names: ["gecos"], syntax: .directoryString, equality: .caseIgnore,
                hasSubstrings: true, isSingle: true)
        case .shadowLastChange: .number("1.3.6.1.1.1.1.5", "shadowLastChange")
        case .shadowExpire: .number("1.3.6.1.1.1.1.10", "shadowExpire")
        case .memberUid:
            Definition(
                oid: "1.3.6.1.1.1.1.12", names: ["memberUid"], syntax: .ia5String, equality: .caseExactIA5,
                hasSubstrings: true)
        case .ou: .words("2.5.4.11", ["ou", "organizationalUnitName"])
        case .dc:
            Definition(
                oid: "0.9.2342.19200300.100.1.25", names: ["dc", "domainComponent"], syntax: .ia5String,
                equality: .caseIgnoreIA5, hasSubstrings: true, isSingle: true)
        case .o: .words("2.5.4.10", ["o", "organizationName"])
        case .c: .words("2.5.4.6", ["c", "countryName"])
        case .description: .words("2.5.4.13", ["description"])
        case .userPassword: Definition(oid: "2.5.4.35", names: ["userPassword"], syntax: .octetString)
        case .structuralObjectClass:
            .kept("2.5.21.9", "structuralObjectClass", .objectIdentifier, .objectIdentifier)
        case .entryUUID: .kept("1.3.6.1.1.16.4", "entryUUID", .uuid, .uuid)
        case .entryDN: .kept("1.3.6.1.1.20", "entryDN", .distinguishedName, .distinguishedName)
        case .createTimestamp: .kept("2.5.18.1", "createTimestamp", .generalizedTime, .generalizedTime)
        case .modifyTimestamp: .kept("2.5.18.2", "modifyTimestamp", .generalizedTime, .generalizedTime)
        case .hasSubordinates: .kept("2.5.18.9", "hasSubordinates", .boolean, .boolean)
        case .subschemaSubentry: .kept("2.5.18.10", "subschemaSubentry", .distinguishedName, .distinguishedName)
        case .namingContexts: .server("1.3.6.1.4.1.1466.101.120.5", "namingContexts", .distinguishedName)
        case .supportedControl: .server("1.3.6.1.4.1.1466.101.120.13", "supportedControl", .objectIdentifier)
        case .supportedExtension: .server("1.3.6.1.4.1.1466.101.120.7", "supportedExtension", .objectIdentifier)
        case .supportedFeatures: .server("1.3.6.1.4.1.4203.1.3.5", "supportedFeatures", .objectIdentifier)
        case .supportedLDAPVersion: .server("1.3.6.1.4.1.1466.101.120.15", "supportedLDAPVersion", .integer)
        case .vendorName: .server("1.3.6.1.1.4", "vendorName", .directoryString)
        case .vendorVersion: .server("1.3.6.1.1.5", "vendorVersion", .directoryString)
        case .objectClasses: .schema("2.5.21.6", "objectClasses", .objectClassDescription)
        case .attributeTypes: .schema("2.5.21.5", "attributeTypes", .attributeTypeDescription)
        case .ldapSyntaxes: .schema("1.3.6.1.4.1.1466.101.120.16", "ldapSyntaxes", .syntaxDescription)
        case .matchingRules: .schema("2.5.21.4", "matchingRules", .matchingRuleDescription)
        }
    }
}

extension AttributeType.Definition {
    fileprivate static func words(_ oid: String, _ names: [String]) -> Self {
        Self(oid: oid, names: names, syntax: .directoryString, equality: .caseIgnore, hasSubstrings: true)
    }

    fileprivate static func number(_ oid: String, _ name: String, isOrdered: Bool = false) -> Self {
        Self(oid: oid, names: [name], syntax: .integer, equality: .integer, hasOrdering: isOrdered, isSingle: true)
    }

    fileprivate static func path(_ oid: String, _ name: String) -> Self {
        Self(oid: oid, names: [name], syntax: .ia5String, equality: .caseExactIA5, isSingle: true)
    }

    fileprivate static func kept(_ oid: String, _ name: String, _ syntax: Syntax, _ rule: MatchingRule) -> Self {
        Self(
            oid: oid, names: [name], syntax: syntax, equality: rule,
            hasOrdering: rule == .generalizedTime || rule == .uuid, isSingle: true, usage: .operational)
    }

    fileprivate static func server(_ oid: String, _ name: String, _ syntax: Syntax) -> Self {
        Self(oid: oid, names: [name], syntax: syntax, usage: .server)
    }

    fileprivate static func schema(_ oid: String, _ name: String, _ syntax: Syntax) -> Self {
        Self(oid: oid, names: [name], syntax: syntax, usage: .operational)
    }
}
