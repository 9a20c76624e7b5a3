package import RosterModel

/// Everything about a group, as far as a caller may see it.
package struct DescribedGroup: Sendable, Equatable {
    package let listed: ListedGroup
    /// The names of the visible users who are listed in it or in a group below it, in order, each once.
    package let allMembers: [Username]
    /// The names of the groups that it is in, directly or through others, by gid.
    package let groups: [String]
    /// How many visible users have it as their primary group.
    package let primaryCount: Int
}

/// A group of a user, and how it comes to be in it.
package struct UserGroup: Sendable, Equatable {
    package let group: Group
    package let membership: Membership
    /// The names of the groups that list the user and are in this one, by gid; empty unless the membership is nested.
    package let through: [String]

    /// How a user belongs to a group.
    package enum Membership: String, Sendable, CaseIterable {
        /// Its gid is the user's.
        case primary
        /// It lists the user.
        case direct
        /// A group that lists the user is in it.
        case nested
    }
}

/// A group, as far as a caller may see it.
package struct ListedGroup: Sendable, Equatable {
    package let group: Group
    /// The names of the listed users that are visible to the caller, in order.
    package let members: [Username]
    /// The names of its member groups, by gid; empty for callers that see only their own rows.
    package let memberGroups: [String]
    /// The names of members that are not users of the cluster, in order; empty for callers that see only their own
    /// rows.
    package let memberNames: [String]
}
