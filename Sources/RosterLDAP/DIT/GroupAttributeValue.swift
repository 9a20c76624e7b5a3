/// Where the value of an attribute of a group's entry is read, or what it is for every group.
///
/// `GroupEntry` writes it, and answers for filters on it.
enum GroupAttributeValue: Sendable {
    case objectClass
    case structuralObjectClass
    case name
    case gidNumber
    /// The names of the users that may be seen and are in the group, and for those who see all also names that are no user's.
    case memberName
    /// The distinguished names of the same users, and for those who see all also of the groups that are members of it.
    case memberDN
    case createTime
    case updateTime
    case entryUUID
    case entryDN
    case hasSubordinates
    case subschemaSubentry
}
