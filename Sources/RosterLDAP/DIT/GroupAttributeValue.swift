/// Where the value of an attribute of a group's entry comes from, or a value that all groups share.
///
/// `GroupEntry` writes it, and evaluates filters on it.
enum GroupAttributeValue: Sendable {
    case objectClass
    case structuralObjectClass
    case name
    case gidNumber
    /// The names of the visible users in the group; for callers who see all, also names that belong to no user.
    case memberName
    /// The distinguished names of the same users; for callers who see all, also those of the groups that are members.
    case memberDN
    case createTime
    case updateTime
    case entryUUID
    case entryDN
    case hasSubordinates
    case subschemaSubentry
}
