package import RosterModel

/// A group as somebody may see it.
package struct ListedGroup: Sendable, Equatable {
    package let group: Group
    /// The names of the users that it lists and that may be seen, in order.
    package let members: [Username]
    /// The names of the groups that are members of it, in the order of their gids; none for those who see only themselves.
    package let memberGroups: [String]
    /// The names of members that are no users of the cluster, in order; none for those who see only themselves.
    package let memberNames: [String]
}
