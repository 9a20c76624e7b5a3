/// A POSIX group of a cluster. Its gid identifies it for ever: the ledger never gives a gid twice.
package struct Group: Sendable, Equatable {
    package var cluster: ClusterID
    package var name: String
    /// POSIX gid, 1 to 4294967294.
    package var gidNumber: UInt32
    /// Whether this is the cluster's own group, whose gid new users get.
    package var isPrimary: Bool
    /// The listed users. A user whose primary group this is belongs to it without being listed, and may be listed too.
    package var members: [HPCUserID]
    /// The gids of groups of the same cluster whose members are members of this one too. A gid without a group is
    /// ignored.
    package var memberGroups: [UInt32] = []
    /// Members that are not users of the cluster, such as accounts that only nodes know. A name that a user has is
    /// ignored.
    package var memberNames: [String] = []
    /// When the group was created; nil if an earlier version created it.
    package var createTime: Timestamp?
    /// When the name or the members last changed; nil if only an earlier version changed them.
    package var updateTime: Timestamp?
    package var revision: Revision = .none

    /// The most groups and the most names that a group may have as members.
    package static let maximumMemberGroups = 1000
    package static let maximumMemberNames = 1000

    /// Whether `text` can be one of `memberNames`: an account name that a line of group(5) can list.
    package static func isMemberName(_ text: String) -> Bool {
        (try? Username(text)) != nil && !text.utf8.contains(UInt8(ascii: ",")) && !text.utf8.contains(UInt8(ascii: " "))
    }

    /// Creates a group without member groups, member names and times.
    package init(
        cluster: ClusterID, name: String, gidNumber: UInt32, isPrimary: Bool, members: [HPCUserID] = []
    ) {
        self.cluster = cluster
        self.name = name
        self.gidNumber = gidNumber
        self.isPrimary = isPrimary
        self.members = members
    }

    /// The identity of a group: a key is never reused.
    package struct Key: Sendable, Hashable {
        package let cluster: ClusterID
        package let gidNumber: UInt32

        /// Creates a key.
        package init(cluster: ClusterID, gidNumber: UInt32) {
            self.cluster = cluster
            self.gidNumber = gidNumber
        }
    }

    package var key: Key { Key(cluster: cluster, gidNumber: gidNumber) }
}
