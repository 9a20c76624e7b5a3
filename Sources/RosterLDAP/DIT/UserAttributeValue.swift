import RosterModel
import RosterSnapshot

/// Where the value of an attribute of a user's entry is read, or what it is for every user.
///
/// `UserRow.write` writes it, and `UserFilterTarget` lowers filters on it.
enum UserAttributeValue: Sendable {
    case objectClass
    case structuralObjectClass
    case username
    /// A text; the attribute is absent where it is empty.
    case text(Filter.Attribute)
    case number(Filter.NumberAttribute)
    /// The day of a time, counted from 1970-01-01; the attribute is absent where there is no time.
    case day(Filter.TimeAttribute)
    /// The first day on which the user cannot log in (`UserEntry.expireDay`).
    case expiryDay
    /// A time as GeneralizedTime.
    case time(Filter.TimeAttribute)
    case entryUUID
    case entryDN
    case hasSubordinates
    case subschemaSubentry

    /// Whether the entry of the user has the attribute.
    func isPresent(in row: UserRow) -> Bool {
        switch self {
        case .text(let attribute): row.withText(of: attribute) { !$0.isEmpty }
        case .day(let attribute), .time(let attribute): row.time(of: attribute) != nil
        case .expiryDay: UserEntry.expireDay(row.state, row.expires) != nil
        case .objectClass, .structuralObjectClass, .username, .number, .entryUUID, .entryDN, .hasSubordinates,
            .subschemaSubentry:
            true
        }
    }
}
