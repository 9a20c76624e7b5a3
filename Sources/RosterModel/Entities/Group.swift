/// A POSIX group of a cluster. Its name keeps the rules of a user's: see `Username`. Its gid names it for ever: a gid is
/// never given again (the ledger).
package struct Group: Sendable, Equatable {
    package var cluster: ClusterID
    package var name: String
    /// POSIX gid, 1 to 4294967294.
    package var gidNumber: UInt32
    /// Whether it is the cluster's own group, whose gid added users get.
    package var isPrimary: Bool
    /// The users that it lists. Whose primary group it is, is in it without being listed, and may be listed too.
    package var members: [HPCUserID]
    /// Groups of its cluster whose members are members of this one too, by gid. A gid without a group counts for nothing.
    package var memberGroups: [UInt32] = []
    /// Names that are members without being users of the cluster, as accounts that only nodes know. One that is a user's counts for
    /// nothing.
    package var memberNames: [String] = []
    /// When it was made; nil for one that an earlier program made.
    package var createTime: Timestamp?
    /// When its name or its members changed last; nil for one that only an earlier program changed.
    package var updateTime: Timestamp?
    package var revision: Revision = .none

    /// The most groups, and the most names, that a group may have as members.
    package static let maximumMemberGroups = 1000
    package static let maximumMemberNames = 1000

    /// Whether a text can be one of `memberNames`: the name of an account that a line of group(5) can list.
    package static func isMemberName(_ text: String) -> Bool {
        (try? Username(text)) != nil && !text.utf8.contains(UInt8(ascii: ",")) && !text.utf8.contains(UInt8(ascii: " "))
    }

    package init(
        cluster: ClusterID, name: String, gidNumber: UInt32, isPrimary: Bool, members: [HPCUserID] = []
    ) {
        self.cluster = cluster
        self.name = name
        self.gidNumber = gidNumber
        self.isPrimary = isPrimary
        self.members = members
    }

    /// What tells a group from every other that there is, was or will be.
    package struct Key: Sendable, Hashable {
        package let cluster: ClusterID
        package let gidNumber: UInt32

        package init(cluster: ClusterID, gidNumber: UInt32) {
            self.cluster = cluster
            self.gidNumber = gidNumber
        }
    }

    package var key: Key { Key(cluster: cluster, gidNumber: gidNumber) }
}
