/// An attribute of a user beyond the POSIX account: its name in LDAP, and the syntax and number of its values (RFC
/// 4519, 4524, 2798, 2307; openssh-lpk for `sshPublicKey`).
package enum UserAttribute: String, CaseIterable, Sendable {
    case fullName = "cn"
    case givenName
    case surname = "sn"
    case displayName
    case mail
    case telephoneNumber
    case title
    case organization = "o"
    case department = "departmentNumber"
    case employeeNumber
    case description
    case preferredLanguage
    case photo = "jpegPhoto"
    case sshPublicKey
    case host
    case authorizedService
    case shadowMin
    case shadowMax
    case shadowWarning
    case shadowInactive

    /// The attribute's name in LDAP and in files.
    package var name: String { rawValue }

    /// The syntax of values.
    package enum Syntax: Sendable {
        /// Text of at most 4096 bytes without control characters.
        case text
        /// An integer from -1 to 2147483647, usually a number of days.
        case integer
        /// A JPEG of at most 128 KiB.
        case jpeg
        /// A line of sshd(8)'s authorized_keys, at most 16 KiB, with no option but `expiry-time`.
        case sshPublicKey
    }

    package var syntax: Syntax {
        switch self {
        case .photo: .jpeg
        case .sshPublicKey: .sshPublicKey
        case .shadowMin, .shadowMax, .shadowWarning, .shadowInactive: .integer
        default: .text
        }
    }

    /// Whether an attribute may have several values.
    package var isMultiple: Bool {
        switch self {
        case .displayName, .employeeNumber, .preferredLanguage: false
        case .shadowMin, .shadowMax, .shadowWarning, .shadowInactive: false
        case .photo: false
        default: true
        }
    }

    /// Whether members may change their own values.
    package var isSelfService: Bool {
        switch self {
        case .displayName, .preferredLanguage, .telephoneNumber, .photo, .sshPublicKey: true
        default: false
        }
    }

    /// Finds an attribute by one of its LDAP names, ignoring ASCII case; nil for an unknown name.
    package init?(name: some StringProtocol) {
        guard let attribute = Self.byName[Username.key(of: name)] else { return nil }
        self = attribute
    }

    private static let byName: [String: UserAttribute] = {
        var attributes: [String: UserAttribute] = [:]
        for attribute in allCases {
            for name in attribute.names { attributes[Username.key(of: name)] = attribute }
        }
        return attributes
    }()

    /// All LDAP names of the attribute, the main one first.
    package var names: [String] {
        switch self {
        case .fullName: [name, "commonName"]
        case .givenName: [name, "gn"]
        case .surname: [name, "surname"]
        case .mail: [name, "rfc822Mailbox"]
        case .organization: [name, "organizationName"]
        default: [name]
        }
    }

    /// The maximum number of values of a multi-valued attribute.
    package static let maximumCount = 256

    /// Checks a value against the syntax.
    /// - Throws: `invalidParameter` for the attribute's name. The message does not quote the value.
    package func check(_ value: [UInt8]) throws(RosterError) {
        guard !value.isEmpty else { throw .invalid(name, "a value is empty") }
        switch syntax {
        case .text: _ = try text(value)
        case .integer:
            guard let number = Int32(try text(value)), number >= -1 else {
                throw .invalid(name, "is not a whole number from -1 to 2147483647")
            }
        case .jpeg:
            guard value.count <= 128 << 10 else { throw .invalid(name, "is larger than 128 KiB") }
            guard value.starts(with: [0xFF, 0xD8, 0xFF]) else { throw .invalid(name, "is no JPEG") }
        case .sshPublicKey: _ = try SSHPublicKey(try text(value, maximumBytes: 16 << 10))
        }
    }

    /// Whether a value is a weak SSH key.
    package func isWeak(_ value: [UInt8]) -> Bool {
        syntax == .sshPublicKey && (try? SSHPublicKey(String(decoding: value, as: UTF8.self)))?.isWeak == true
    }

    /// Checks a newly added value: as `check`, and an SSH key must not be weak.
    /// - Throws: `invalidParameter`.
    package func checkNew(_ value: [UInt8]) throws(RosterError) {
        try check(value)
        guard !isWeak(value) else {
            throw .invalid(
                name, "is an RSA key of less than \(SSHPublicKey.leastNewRSABits) bits, which a new one needs")
        }
    }

    /// Checks the number of values.
    /// - Throws: `invalidParameter` if there are more values than the attribute allows.
    package func checkCount(of values: [[UInt8]]) throws(RosterError) {
        let most = isMultiple ? Self.maximumCount : 1
        guard values.count <= most else {
            throw .invalid(name, most == 1 ? "has one value only" : "has at most \(most) values")
        }
    }

    /// Whether two values are the same. Two SSH keys are, if their key data is, whatever their options and comments.
    package func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        if left == right { return true }
        guard syntax == .sshPublicKey, let left = try? SSHPublicKey(String(decoding: left, as: UTF8.self)),
            let right = try? SSHPublicKey(String(decoding: right, as: UTF8.self))
        else { return false }
        return left.blob == right.blob
    }

    private func text(_ value: [UInt8], maximumBytes: Int = 4096) throws(RosterError) -> String {
        guard value.count <= maximumBytes else { throw .invalid(name, "is longer than \(maximumBytes) bytes") }
        guard let text = String(validating: value, as: UTF8.self) else { throw .invalid(name, "is not UTF-8") }
        guard !text.hasControlCharacter else { throw .invalid(name, "holds a control character") }
        return text
    }
}
