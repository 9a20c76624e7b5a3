/// The role of a user in its cluster, and of its account's keys in the API ("Rights" in the design).
package enum Role: String, Sendable, Hashable, CaseIterable {
    /// The platform's own staff: sees and does everything.
    case boss
    /// The cluster's administrator.
    case admin
    /// An ordinary user.
    case member

    /// Parses a role.
    /// - Throws: `invalidParameter` for `role` if `text` is none of the three.
    package init(_ text: some StringProtocol) throws(RosterError) {
        guard let role = Role(rawValue: String(text)) else {
            throw .invalid("role", "'\(text.sanitizedForDisplay(limit: 32))' is not boss, admin or member")
        }
        self = role
    }
}
