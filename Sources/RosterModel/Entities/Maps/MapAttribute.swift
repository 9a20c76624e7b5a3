/// An attribute of a map entry: its name in LDAP and the syntax of its values (sudoers.ldap(5), RFC 2307 and
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

    /// The attribute's name in LDAP and in files.
    package var name: String { rawValue }

    /// The syntax of values.
    package enum Syntax: Sendable {
        /// Text of at most 4096 bytes without control characters.
        case text
        /// As `text`, ASCII only.
        case ascii
        /// A signed 32-bit integer in decimal.
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

    /// Whether an entry has at most one value.
    package var isSingle: Bool {
        switch self {
        case .automountMapName, .automountKey, .automountInformation: true
        default: false
        }
    }

    /// Whether comparison of values is case-sensitive.
    package var isCaseExact: Bool {
        switch self {
        case .commonName, .unit, .description, .nisNetgroupTriple: false
        default: true
        }
    }

    /// Finds an attribute by one of its LDAP names, ignoring ASCII case; nil for an unknown name.
    package init?(name: some StringProtocol) {
        guard let attribute = Self.byName[Username.key(of: name)] else { return nil }
        self = attribute
    }

    private static let byName: [String: MapAttribute] = {
        var names: [String: MapAttribute] = ["commonname": .commonName, "organizationalunitname": .unit]
        for attribute in allCases { names[Username.key(of: attribute.name)] = attribute }
        return names
    }()

    /// The maximum length of a value, in bytes.
    package static let maximumValueBytes = 4096

    /// Checks a value against the syntax.
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
