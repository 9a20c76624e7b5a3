import RosterModel

/// The known object classes: those of Roster's entries, and others of RFC 4512, 4519, 4524, 2307, 2798, 3296 and 3672,
/// rfc2307bis, openssh-lpk, ldapns and ppolicy, which no entry has.
enum ObjectClass: String, CaseIterable, Sendable {
    case top, person, organizationalPerson, inetOrgPerson, posixAccount, shadowAccount, posixGroup, groupOfNames
    case groupOfUniqueNames
    case ldapPublicKey, hostObject, authorizedServiceObject
    case organizationalUnit, organization, domain, country, device, pwdPolicy, subschema, subentry
    case alias, extensibleObject, applicationProcess, dcObject, locality, organizationalRole, residentialPerson,
        uidObject
    case account, document, documentSeries, domainRelatedObject, friendlyCountry, rFC822localPart, room
    case simpleSecurityObject, labeledURIObject, referral
    case ipService, ipProtocol, oncRpc, ipHost, ipNetwork, nisNetgroup, nisMap, nisObject, ieee802Device, bootableDevice
    case nisKeyObject, nisDomainObject, automountMap, automount, sudoRole, nsContainer
    /// Of users with attributes that the site declares.
    case rosterSiteUser

    /// The class with that name, ignoring case, or that object identifier.
    init?(_ name: ArraySlice<UInt8>) {
        guard let found = Self.names.value(of: name) else { return nil }
        self = Self.all[found]
    }

    private static let all = allCases
    private static let names = NameTable(all.enumerated().flatMap { [($1.rawValue, $0), ($1.oid, $0)] })

    var oid: String { definition.oid }

    /// `ObjectClassDescription` of RFC 4512 section 4.1.1.
    /// - Parameter catalog: the attributes that users can have.
    func description(in schema: Schema, declaring catalog: AttributeCatalog = .standard) -> String {
        func list(_ keyword: String, _ names: [String]) -> String {
            switch names.count {
            case 0: ""
            case 1: " \(keyword) \(names[0])"
            default: " \(keyword) ( \(names.joined(separator: " $ ")) )"
            }
        }
        let definition = definition
        let required = schema.definitions.filter { $0.requiredBy.contains(self) }.map { $0.names[0] }
        var allowed = schema.definitions.filter { $0.allowedBy.contains(self) }.map { $0.names[0] }
        if self == .rosterSiteUser { allowed += catalog.declared.map(\.name) }
        let superior = definition.superior.map { " SUP \($0.rawValue)" } ?? ""
        return "( \(oid) NAME '\(rawValue)' DESC '\(definition.summary)'\(superior) \(definition.kind.rawValue)"
            + "\(list("MUST", required))\(list("MAY", allowed)) )"
    }
}

/// What the schema publishes about a class, besides its attributes.
private struct ClassDefinition {
    enum Kind: String {
        case abstract = "ABSTRACT"
        case structural = "STRUCTURAL"
        case auxiliary = "AUXILIARY"
    }

    let oid: String
    let kind: Kind
    let superior: ObjectClass?
    let summary: String

    static func structural(_ oid: String, _ summary: String, below superior: ObjectClass = .top) -> Self {
        Self(oid: oid, kind: .structural, superior: superior, summary: summary)
    }

    static func auxiliary(_ oid: String, _ summary: String) -> Self {
        Self(oid: oid, kind: .auxiliary, superior: .top, summary: summary)
    }
}

extension ObjectClass {
    private var definition: ClassDefinition {
        switch self {
        case .top: ClassDefinition(oid: "2.5.6.0", kind: .abstract, superior: nil, summary: "the class of every entry")
        case .person: .structural("2.5.6.6", "a person")
        case .organizationalPerson: .structural("2.5.6.7", "a person of an organization", below: .person)
        case .inetOrgPerson:
            .structural("2.16.840.1.113730.3.2.2", "a person with mail and names", below: .organizationalPerson)
        case .posixAccount: .auxiliary("1.3.6.1.1.1.2.0", "an account of POSIX")
        case .shadowAccount: .auxiliary("1.3.6.1.1.1.2.1", "the ageing of a password")
        // An entry has one structural class. A group's is groupOfNames; the others are auxiliary, as posixGroup is in
        // rfc2307bis.
        case .posixGroup: .auxiliary("1.3.6.1.1.1.2.2", "a group of POSIX")
        case .groupOfNames: .structural("2.5.6.9", "a group of named entries")
        case .groupOfUniqueNames: .auxiliary("2.5.6.17", "a group of named entries, with unique identifiers")
        case .ldapPublicKey: .auxiliary("1.3.6.1.4.1.24552.500.1.1.2.0", "who logs in by an SSH key")
        case .hostObject: .auxiliary("1.3.6.1.4.1.5322.17.1.2", "who may use certain hosts")
        case .authorizedServiceObject: .auxiliary("1.3.6.1.4.1.5322.17.1.1", "who may use certain services")
        case .organizationalUnit: .structural("2.5.6.5", "a part of an organization")
        case .organization: .structural("2.5.6.4", "an organization")
        case .domain: .structural("0.9.2342.19200300.100.4.13", "a domain of the DNS")
        case .country: .structural("2.5.6.2", "a country")
        case .device: .structural("2.5.6.14", "a device, or another thing")
        case .pwdPolicy: .auxiliary("1.3.6.1.4.1.42.2.27.8.2.1", "rules of passwords and locks")
        case .subschema:
            ClassDefinition(oid: "2.5.20.1", kind: .auxiliary, superior: nil, summary: "what describes entries")
        case .subentry: .structural("2.5.17.0", "an entry about a subtree")
        case .alias: .structural("2.5.6.1", "another name of an entry")
        case .extensibleObject: .auxiliary("1.3.6.1.4.1.1466.101.120.111", "an entry with any attribute")
        case .applicationProcess: .structural("2.5.6.11", "a running application")
        case .dcObject: .auxiliary("1.3.6.1.4.1.1466.344", "what a label of the DNS names")
        case .locality: .structural("2.5.6.3", "a place")
        case .organizationalRole: .structural("2.5.6.8", "a role in an organization")
        case .residentialPerson: .structural("2.5.6.10", "a person at home", below: .person)
        case .uidObject: .auxiliary("1.3.6.1.1.3.1", "what a uid names")
        case .account: .structural("0.9.2342.19200300.100.4.5", "an account of a computer")
        case .document: .structural("0.9.2342.19200300.100.4.6", "a document")
        case .documentSeries: .structural("0.9.2342.19200300.100.4.9", "a series of documents")
        case .domainRelatedObject: .auxiliary("0.9.2342.19200300.100.4.17", "what belongs to a domain of the DNS")
        case .friendlyCountry:
            .structural("0.9.2342.19200300.100.4.18", "a country with its usual name", below: .country)
        case .rFC822localPart:
            .structural("0.9.2342.19200300.100.4.14", "the local part of a mail address", below: .domain)
        case .room: .structural("0.9.2342.19200300.100.4.7", "a room")
        case .simpleSecurityObject: .auxiliary("0.9.2342.19200300.100.4.19", "what has a password")
        case .labeledURIObject: .auxiliary("1.3.6.1.4.1.250.3.15", "what has a URI")
        case .referral: .structural("2.16.840.1.113730.3.2.6", "a reference to another server")
        case .ipService: .structural("1.3.6.1.1.1.2.3", "a service of the Internet")
        case .ipProtocol: .structural("1.3.6.1.1.1.2.4", "a protocol of the Internet")
        case .oncRpc: .structural("1.3.6.1.1.1.2.5", "a program of ONC RPC")
        case .ipHost: .auxiliary("1.3.6.1.1.1.2.6", "a host with its addresses")
        case .ipNetwork: .structural("1.3.6.1.1.1.2.7", "a network with its address")
        case .nisNetgroup: .structural("1.3.6.1.1.1.2.8", "a netgroup")
        case .nisMap: .structural("1.3.6.1.1.1.2.9", "a map of NIS")
        case .nisObject: .structural("1.3.6.1.1.1.2.10", "an entry of a map of NIS")
        case .ieee802Device: .auxiliary("1.3.6.1.1.1.2.11", "a device with a MAC address")
        case .bootableDevice: .auxiliary("1.3.6.1.1.1.2.12", "a device that boots from the network")
        case .nisKeyObject: .auxiliary("1.3.6.1.1.1.2.14", "what has keys of secure RPC")
        case .nisDomainObject: .auxiliary("1.3.6.1.1.1.2.15", "what belongs to a domain of NIS")
        case .automountMap: .structural("1.3.6.1.1.1.2.16", "a map of an automounter")
        case .automount: .structural("1.3.6.1.1.1.2.17", "an entry of a map of an automounter")
        case .sudoRole: .structural("1.3.6.1.4.1.15953.9.2.1", "a rule of sudo")
        case .nsContainer: .structural("2.16.840.1.113730.3.2.104", "an entry that holds others")
        // Below 2.25 each UUID is an arc of its own (ITU-T X.667).
        case .rosterSiteUser:
            .auxiliary("2.25.159047108500106899453023490923549031638", "a user with attributes that the site declares")
        }
    }
}
