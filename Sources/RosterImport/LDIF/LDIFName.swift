import RosterModel

/// What Roster reads at the start of a line of LDIF: words of the format itself, and the attributes that make a user
/// or group.
enum LDIFName: String, CaseIterable {
    case version
    case distinguishedName = "dn"
    case control
    case changeType = "changetype"
    /// ldapsearch ends its output with `search: 2` and `result: 0 Success`.
    case search
    case result
    /// A server refers to another one for a part of the tree (RFC 3296).
    case reference = "ref"

    case objectClass
    case uid
    case commonName = "cn"
    case uidNumber
    case gidNumber
    case memberUid
    case homeDirectory
    case loginShell
    case gecos
    case description
    case createTimestamp
    case modifyTimestamp
    case userPassword

    // Members by distinguished name (RFC 4519).
    case member
    case uniqueMember

    // What keeps a user out, in five directories' words.
    case shadowExpire
    case pwdAccountLockedTime
    case nsAccountLock
    case userAccountControl
    case accountExpires

    // Attributes of a person (`UserAttribute`), apart from those above.
    case givenName
    case surname = "sn"
    case displayName
    case mail
    case telephoneNumber
    case title
    case organization = "o"
    case department = "departmentNumber"
    case employeeNumber
    case preferredLanguage
    case photo = "jpegPhoto"
    case sshPublicKey
    case host
    case authorizedService
    case shadowLastChange
    case shadowMin
    case shadowMax
    case shadowWarning
    case shadowInactive

    // What only Roster's own export has: values that no other directory has a name for, and times to the second.
    case rosterUserID
    case rosterAccountID
    case rosterRole
    case rosterHomeMode
    case rosterMountPoint
    case rosterExpires
    case rosterPasswordTime
    case rosterPrimaryGroup
    case rosterClusterName
    case rosterHomeTemplate
    case rosterLoginShell
    case rosterFirstUID
    case rosterLastUID
    case rosterNameRule
    case rosterPasswordRule

    /// The attribute of a person that this is; nil for any other.
    var userAttribute: UserAttribute? { Self.userAttributes[self] }

    private static let userAttributes: [LDIFName: UserAttribute] = {
        var attributes: [LDIFName: UserAttribute] = [:]
        for name in allCases { attributes[name] = UserAttribute(rawValue: name.rawValue) }
        return attributes
    }()

    /// The names of all attributes of a person.
    static let ofPerson: [(name: LDIFName, attribute: UserAttribute)] = UserAttribute.allCases.compactMap { attribute in
        LDIFName(rawValue: attribute.name).map { ($0, attribute) }
    }

    /// The name that these bytes mean, in any case of letters, without options; nil where Roster does not read it.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count < Self.byLength.count else { return nil }
        for (spelling, name) in Self.byLength[bytes.count]
        where zip(spelling, bytes).allSatisfy({ $0 == $1.asciiLowercased }) {
            self = name
            return
        }
        return nil
    }

    /// The spellings of all names in small letters, by how long they are: nearly every line's name is told apart by
    /// that.
    private static let byLength: [[(spelling: [UInt8], name: LDIFName)]] = {
        let aliases: [(String, LDIFName)] = [
            ("userid", .uid), ("commonName", .commonName), ("gn", .givenName), ("surname", .surname),
            ("rfc822Mailbox", .mail), ("organizationName", .organization),
        ]
        let spellings = allCases.map { ($0.rawValue, $0) } + aliases
        let longest = spellings.map(\.0.utf8.count).max() ?? 0
        var table = [[(spelling: [UInt8], name: LDIFName)]](repeating: [], count: longest + 1)
        for (text, name) in spellings {
            table[text.utf8.count].append((text.utf8.map(\.asciiLowercased), name))
        }
        return table
    }()
}
