/// An attribute of a user beyond the POSIX account: its name in LDAP, and the syntax and number of its values (RFC
/// 4519, 4524, 2798, 2307; openssh-lpk for `sshPublicKey`; `AttributeDeclaration` for what the site declares).
package enum UserAttribute: Hashable, Sendable {
    case fullName
    case givenName
    case surname
    case displayName
    case mail
    case telephoneNumber
    case title
    case organization
    case department
    case employeeNumber
    case description
    case preferredLanguage
    case photo
    case sshPublicKey
    case host
    case authorizedService
    case shadowMin
    case shadowMax
    case shadowWarning
    case shadowInactive
    /// An attribute that the site declares.
    indirect case declared(AttributeDeclaration)

    /// The attributes of every directory, in the order in which stores and exports have them.
    package static let standard: [UserAttribute] = [
        .fullName, .givenName, .surname, .displayName, .mail, .telephoneNumber, .title, .organization, .department,
        .employeeNumber, .description, .preferredLanguage, .photo, .sshPublicKey, .host, .authorizedService,
        .shadowMin, .shadowMax, .shadowWarning, .shadowInactive,
    ]

    /// The attribute's name in LDAP and in files.
    package var name: String {
        switch self {
        case .fullName: "cn"
        case .givenName: "givenName"
        case .surname: "sn"
        case .displayName: "displayName"
        case .mail: "mail"
        case .telephoneNumber: "telephoneNumber"
        case .title: "title"
        case .organization: "o"
        case .department: "departmentNumber"
        case .employeeNumber: "employeeNumber"
        case .description: "description"
        case .preferredLanguage: "preferredLanguage"
        case .photo: "jpegPhoto"
        case .sshPublicKey: "sshPublicKey"
        case .host: "host"
        case .authorizedService: "authorizedService"
        case .shadowMin: "shadowMin"
        case .shadowMax: "shadowMax"
        case .shadowWarning: "shadowWarning"
        case .shadowInactive: "shadowInactive"
        case .declared(let declaration): declaration.name
        }
    }

    /// The syntax of values.
    package enum Syntax: Sendable, Equatable {
        /// Text of at most 4096 bytes without control characters.
        case text
        /// An integer from -1 to 2147483647, usually a number of days.
        case integer
        /// A JPEG of at most 128 KiB.
        case jpeg
        /// A line of sshd(8)'s authorized_keys, at most 16 KiB, with no option but `expiry-time`.
        case sshPublicKey
        /// Of an attribute that the site declares.
        case declared(AttributeDeclaration.Syntax)

        /// Whether values are bytes, which files and the API have in base64.
        package var isBinary: Bool {
            switch self {
            case .jpeg, .declared(.binary): true
            default: false
            }
        }
    }

    package var syntax: Syntax {
        switch self {
        case .photo: .jpeg
        case .sshPublicKey: .sshPublicKey
        case .shadowMin, .shadowMax, .shadowWarning, .shadowInactive: .integer
        case .declared(let declaration): .declared(declaration.syntax)
        default: .text
        }
    }

    /// Whether an attribute may have several values.
    package var isMultiple: Bool {
        switch self {
        case .displayName, .employeeNumber, .preferredLanguage: false
        case .shadowMin, .shadowMax, .shadowWarning, .shadowInactive: false
        case .photo: false
        case .declared(let declaration): declaration.isMultiple
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

    /// Finds an attribute of every directory by one of its LDAP names, ignoring ASCII case; nil for any other name.
    package init?(name: some StringProtocol) {
        guard let attribute = Self.byName[Username.key(of: name)] else { return nil }
        self = attribute
    }

    private static let byName: [String: UserAttribute] = {
        var attributes: [String: UserAttribute] = [:]
        for attribute in standard {
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

    /// The maximum number of bytes of a photo or another binary value.
    private static let maximumBinaryBytes = 128 << 10

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
            try checkSize(value)
            guard value.starts(with: [0xFF, 0xD8, 0xFF]) else { throw .invalid(name, "is no JPEG") }
        case .sshPublicKey: _ = try SSHPublicKey(try text(value, maximumBytes: 16 << 10))
        case .declared(.text): _ = try text(value)
        case .declared(.integer):
            let text = try text(value)
            guard let number = Int64(text), String(number) == text else {
                throw .invalid(name, "is not a whole number")
            }
        case .declared(.boolean):
            guard ["TRUE", "FALSE"].contains(try text(value)) else { throw .invalid(name, "is not TRUE or FALSE") }
        case .declared(.dn):
            guard DistinguishedName(try text(value).utf8.map { $0 }[...]) != nil else {
                throw .invalid(name, "is not a distinguished name")
            }
        case .declared(.binary): try checkSize(value)
        }
    }

    private func checkSize(_ value: [UInt8]) throws(RosterError) {
        guard value.count <= Self.maximumBinaryBytes else { throw .invalid(name, "is larger than 128 KiB") }
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
