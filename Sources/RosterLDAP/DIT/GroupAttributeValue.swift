/// Where the value of an attribute of a group's entry is read, or what it is for every group.
///
/// `GroupEntry` writes it, and answers for filters on it.
enum GroupAttributeValue: Sendable {
    case objectClass
    case structuralObjectClass
    case name
    case gidNumber
    /// The names of the members that may be seen.
    case memberName
    /// The distinguished names of the same members.
    case memberDN
    case entryUUID
    case entryDN
    case hasSubordinates
    case subschemaSubentry
}
