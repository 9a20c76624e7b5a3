/// An attribute of a map entry: the name that LDAP has for it and what its values may be (sudoers.ldap(5), RFC 2307 and
/// rfc2307bis).
package enum MapAttribute: String, CaseIterable, Sendable {
    case commonName = "cn"
    case unit = "ou"
    case description
    case sudoUser
    case sudoHost
    case sudoCommand
    case sudoRunAs
    case sudoRunAsUser
    case sudoRunAsGroup
    case sudoOption
    case sudoOrder
    case sudoNotBefore
    case sudoNotAfter
    case automountMapName
    case automountKey
    case automountInformation
    case nisNetgroupTriple
    case memberNisNetgroup

    /// The name in LDAP and in files.
    package var name: String { rawValue }

    /// What the values are.
    package enum Syntax: Sendable {
        /// Text of at most 4096 bytes without control characters.
        case text
        /// The same, in ASCII.
        case ascii
        /// A whole number of 32 bits.
        case integer
        /// A GeneralizedTime (RFC 4517 section 3.3.13).
        case time
    }

    package var syntax: Syntax {
        switch self {
        case .sudoHost, .sudoCommand, .sudoRunAs, .sudoOption, .nisNetgroupTriple, .memberNisNetgroup: .ascii
        case .sudoOrder: .integer
        case .sudoNotBefore, .sudoNotAfter: .time
        default: .text
        }
    }

    /// Whether an entry has one value at most.
    package var isSingle: Bool {
        switch self {
        case .automountMapName, .automountKey, .automountInformation: true
        default: false
        }
    }

    /// Whether case counts where two values are compared.
    package var isCaseExact: Bool {
        switch self {
        case .commonName, .unit, .description, .nisNetgroupTriple: false
        default: true
        }
    }

    /// The attribute of a name of LDAP or one of its other names, without regard to ASCII case; nil for any other.
    package init?(name: some StringProtocol) {
        guard let attribute = Self.byName[Username.key(of: name)] else { return nil }
        self = attribute
    }

    private static let byName: [String: MapAttribute] = {
        var names: [String: MapAttribute] = ["commonname": .commonName, "organizationalunitname": .unit]
        for attribute in allCases { names[Username.key(of: attribute.name)] = attribute }
        return names
    }()

    /// The most bytes of a value.
    package static let maximumValueBytes = 4096

    /// Checks a value.
    /// - Throws: `invalidParameter` for the attribute's name.
    package func check(_ value: String) throws(RosterError) {
        guard !value.isEmpty else { throw .invalid(name, "a value is empty") }
        guard value.utf8.count <= Self.maximumValueBytes else {
            throw .invalid(name, "a value is longer than \(Self.maximumValueBytes) bytes")
        }
        guard !value.hasControlCharacter else {
            throw .invalid(name, "a value holds a control character")
        }
        switch syntax {
        case .text: break
        case .ascii:
            guard value.utf8.allSatisfy({ $0 < 0x80 }) else { throw .invalid(name, "a value is not ASCII") }
        case .integer:
            guard let number = Int32(value), String(number) == value else {
                throw .invalid(name, "a value is not a whole number from -2147483648 to 2147483647")
            }
        case .time:
            guard Timestamp(generalizedTime: Array(value.utf8)[...]) != nil else {
                throw .invalid(name, "a value is not a time such as 20260131120000Z")
            }
        }
    }
}
