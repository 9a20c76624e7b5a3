package import RosterModel

/// A group as somebody may see it.
package struct ListedGroup: Sendable, Equatable {
    package let group: Group
    /// The names of the supplementary members that may be seen, in order.
    package let members: [Username]
}
