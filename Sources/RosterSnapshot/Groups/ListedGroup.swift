package import RosterModel

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
