import RosterModel

/// The object classes of Roster's entries.
enum ObjectClass: String, CaseIterable, Sendable {
    case top, person, organizationalPerson, inetOrgPerson, posixAccount, shadowAccount, posixGroup
    case ldapPublicKey, hostObject, authorizedServiceObject
    case sudoRole, automountMap, automount, nisNetgroup, nsContainer
    case organizationalUnit, organization, domain, country, subschema, subentry

    /// Of that name, without regard to case, or of that object identifier.
    init?(_ name: ArraySlice<UInt8>) {
        guard let found = Self.names.value(of: name) else { return nil }
        self = found
    }

    private static let names = NameTable(allCases.flatMap { [($0.rawValue, $0), ($0.oid, $0)] })

    var oid: String {
        switch self {
        case .top: "2.5.6.0"
        case .person: "2.5.6.6"
        case .organizationalPerson: "2.5.6.7"
        case .inetOrgPerson: "2.16.840.1.113730.3.2.2"
        case .posixAccount: "1.3.6.1.1.1.2.0"
        case .shadowAccount: "1.3.6.1.1.1.2.1"
        case .posixGroup: "1.3.6.1.1.1.2.2"
        // OpenSSH's LDAP public key patch, and pam_ldap's of LDAP Account Manager.
        case .ldapPublicKey: "1.3.6.1.4.1.24552.500.1.1.2.0"
        case .hostObject: "1.3.6.1.4.1.5322.17.1.2"
        case .authorizedServiceObject: "1.3.6.1.4.1.5322.17.1.1"
        case .sudoRole: "1.3.6.1.4.1.15953.9.2.1"
        case .automountMap: "1.3.6.1.1.1.2.16"
        case .automount: "1.3.6.1.1.1.2.17"
        case .nisNetgroup: "1.3.6.1.1.1.2.8"
        case .nsContainer: "2.16.840.1.113730.3.2.104"
        case .organizationalUnit: "2.5.6.5"
        case .organization: "2.5.6.4"
        case .domain: "0.9.2342.19200300.100.4.13"
        case .country: "2.5.6.2"
        case .subschema: "2.5.20.1"
        case .subentry: "2.5.17.0"
        }
    }

    /// Its kind, behind its superclass where it has one.
    private var kind: String {
        switch self {
        case .top: "ABSTRACT"
        case .organizationalPerson: "SUP person STRUCTURAL"
        case .inetOrgPerson: "SUP organizationalPerson STRUCTURAL"
        case .posixAccount, .shadowAccount, .ldapPublicKey, .hostObject, .authorizedServiceObject:
            "SUP top AUXILIARY"
        case .subschema: "AUXILIARY"
        case .sudoRole, .automountMap, .automount, .nisNetgroup, .nsContainer: "SUP top STRUCTURAL"
        case .person, .posixGroup, .organizationalUnit, .organization, .domain, .country, .subentry:
            "SUP top STRUCTURAL"
        }
    }

    /// `ObjectClassDescription` of RFC 4512 section 4.1.1, as far as Roster's entries make use of it.
    func description(in schema: Schema) -> String {
        func list(_ keyword: String, _ names: [String]) -> String {
            switch names.count {
            case 0: ""
            case 1: " \(keyword) \(names[0])"
            default: " \(keyword) ( \(names.joined(separator: " $ ")) )"
            }
        }
        let required = schema.definitions.filter { $0.requiredBy.contains(self) }.map { $0.names[0] }
        let allowed = schema.definitions.filter { $0.allowedBy.contains(self) }.map { $0.names[0] }
        return "( \(oid) NAME '\(rawValue)' \(kind)\(list("MUST", required))\(list("MAY", allowed)) )"
    }
}
