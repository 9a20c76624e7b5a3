import RosterModel

/// The names at the start of LDIF lines that Roster reads.
enum LDIFName: Hashable {
    /// A keyword of the format itself.
    case format(FormatWord)
    /// An attribute of a user or group account, or one that decides whether a user may log in.
    case account(AccountAttribute)
    /// A user attribute.
    case person(UserAttribute)
    /// An attribute that only Roster's own export has.
    case roster(RosterAttribute)

    enum FormatWord: String, CaseIterable {
        case version
        case distinguishedName = "dn"
        case control
        case changeType = "changetype"
        /// ldapsearch ends its output with `search: 2` and `result: 0 Success`.
        case search
        case result
        /// A referral to another server for a part of the tree (RFC 3296).
        case reference = "ref"
    }

    enum AccountAttribute: String, CaseIterable {
        case objectClass
        case uid
        case uidNumber
        case gidNumber
        case memberUid
        case homeDirectory
        case loginShell
        case gecos
        case createTimestamp
        case modifyTimestamp
        case userPassword

        // Members by distinguished name (RFC 4519).
        case member
        case uniqueMember

        // What keeps a user out, in the terms of different directories.
        case shadowExpire
        case pwdAccountLockedTime
        case nsAccountLock
        case userAccountControl
        case accountExpires

        case shadowLastChange

        // Active Directory's.
        case samAccountName = "sAMAccountName"
        case unixHomeDirectory
        case primaryGroupID
        case objectSid
        case whenCreated
        case whenChanged
        case pwdLastSet
    }

    /// Values for which other directories have no attribute, and times with a resolution of one second.
    enum RosterAttribute: String, CaseIterable {
        case userID = "rosterUserID"
        case accountID = "rosterAccountID"
        case role = "rosterRole"
        case homeMode = "rosterHomeMode"
        case mountPoint = "rosterMountPoint"
        case expires = "rosterExpires"
        case passwordTime = "rosterPasswordTime"
        case primaryGroup = "rosterPrimaryGroup"
        case clusterName = "rosterClusterName"
        case homeTemplate = "rosterHomeTemplate"
        case loginShell = "rosterLoginShell"
        case firstUID = "rosterFirstUID"
        case lastUID = "rosterLastUID"
        case nameRule = "rosterNameRule"
        case passwordRule = "rosterPasswordRule"
        case attributeName = "rosterAttributeName"
        case attributeOID = "rosterAttributeOID"
        case attributeSyntax = "rosterAttributeSyntax"
        case attributeIsMultiple = "rosterAttributeMultiple"
        case attributeIsSearchable = "rosterAttributeSearchable"
    }

    /// The object class of an entry that declares an attribute.
    static let declarationClass = "rosterAttribute"

    /// The name as Roster writes it.
    var text: String {
        switch self {
        case .format(let word): word.rawValue
        case .account(let attribute): attribute.rawValue
        case .person(let attribute): attribute.name
        case .roster(let attribute): attribute.rawValue
        }
    }

    /// Whether this is a user attribute, without whose values a user can still be imported.
    var isOfPerson: Bool {
        if case .person = self { true } else { false }
    }

    /// Finds a name, ignoring ASCII case, without options; nil if Roster does not read it.
    /// - Parameter catalog: the attributes that users can have.
    init?(_ bytes: ArraySlice<UInt8>, in catalog: AttributeCatalog = .standard) {
        if let name = Self.names.value(of: bytes) {
            self = Self.spellings[name].value
        } else if !catalog.declared.isEmpty, let text = bytes.text, let attribute = catalog.attribute(named: text) {
            self = .person(attribute)
        } else {
            return nil
        }
    }

    private static let names = NameTable(spellings.enumerated().map { ($1.name, $0) })

    /// The spellings of all names.
    private static let spellings: [(name: String, value: LDIFName)] = {
        var spellings: [(name: String, value: LDIFName)] = [("userid", .account(.uid))]
        spellings += FormatWord.allCases.map { ($0.rawValue, .format($0)) }
        spellings += AccountAttribute.allCases.map { ($0.rawValue, .account($0)) }
        spellings += RosterAttribute.allCases.map { ($0.rawValue, .roster($0)) }
        for attribute in UserAttribute.standard {
            spellings += attribute.names.map { ($0, .person(attribute)) }
        }
        return spellings
    }()
}
