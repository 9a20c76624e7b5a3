import RosterModel
import RosterSnapshot

/// Where the value of an attribute of a user's entry comes from, or a value that all users share.
///
/// `UserRow.write` writes it, and `UserFilterTarget` lowers filters on it.
enum UserAttributeValue: Sendable {
    case objectClass
    case structuralObjectClass
    case username
    /// An attribute of the person; absent if the user has no value.
    case person(UserAttribute)
    /// An attribute of the person that each entry must have (RFC 4519): the username if the user has no value.
    case requiredName(UserAttribute)
    /// An SSH key. A user who cannot log in has none, because a client would accept it.
    case sshPublicKey
    /// A text; the attribute is absent if it is empty.
    case text(Filter.Attribute)
    case number(Filter.NumberAttribute)
    /// The day of a time, counted from 1970-01-01; absent if there is no time.
    case day(Filter.TimeAttribute)
    /// The first day on which the user cannot log in (`Timestamp.firstWholeDay`).
    case expiryDay
    /// What one kind of client takes as a lock; absent if the user can log in.
    case lockSign(LockSign)
    /// The expiry in Active Directory's form (`UserEntry.activeDirectoryTime`); absent if there is none.
    case accountExpires
    /// A time as GeneralizedTime.
    case time(Filter.TimeAttribute)
    /// The names of the groups that list the user as a member.
    case memberOf
    case entryUUID
    case entryDN
    case hasSubordinates
    case subschemaSubentry

    /// Whether the entry of the user has the attribute.
    /// - Parameter now: the time that decides who has expired.
    func isPresent(in row: UserRow, now: Timestamp) -> Bool {
        switch self {
        case .person(let attribute): row.hasValue(of: attribute)
        case .sshPublicKey: row.isActive(at: now) && row.hasSSHKey(at: now)
        case .requiredName: true
        case .text(let attribute): row.withText(of: attribute) { !$0.isEmpty }
        case .day(let attribute), .time(let attribute): row.time(of: attribute) != nil
        case .expiryDay: row.state == .locked || row.expires != nil
        case .lockSign: !row.isActive(at: now)
        case .accountExpires: row.expires != nil
        case .memberOf: row.isMember(of: nil)
        case .objectClass, .structuralObjectClass, .username, .number, .entryUUID, .entryDN, .hasSubordinates,
            .subschemaSubentry:
            true
        }
    }
}

/// An attribute that tells one kind of client that a user cannot log in because it is locked or has expired. Each
/// client reads its own.
enum LockSign: Sendable {
    case nsAccountLock, userAccountControl, pwdAccountLockedTime

    /// The value in the entry of a user who cannot log in.
    var text: String {
        switch self {
        case .nsAccountLock: "TRUE"
        // A normal account (512) that is disabled (2).
        case .userAccountControl: "514"
        // Locked until an administrator unlocks it.
        case .pwdAccountLockedTime: "000001010000Z"
        }
    }

    /// The texts for the first moment of the year 0, which `Timestamp` does not parse, and that moment.
    static let lockedForEverTexts = ["000001010000Z", "00000101000000Z"]
    static let lockedForEver = Timestamp(seconds: Timestamp.earliest.seconds - 366 * Timestamp.secondsPerDay)
}

extension UserRow {
    fileprivate func hasValue(of attribute: UserAttribute) -> Bool {
        withAttributes { UserAttributes.hasValue(of: attribute, in: $0) }
    }

    /// Whether one of the user's SSH keys is not expired.
    func hasSSHKey(at now: Timestamp) -> Bool {
        withAttributes { attributes in
            UserAttributes.hasValue(of: .sshPublicKey, in: attributes) { !SSHPublicKey.isExpired($0, at: now) }
        }
    }

    func isActive(at now: Timestamp) -> Bool { state.isActive(at: now, expires: expires) }
}
