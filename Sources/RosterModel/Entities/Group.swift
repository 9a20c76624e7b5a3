/// A POSIX group of a cluster. Its name keeps the rules of a user's: see `Username`. Its gid names it for ever: a gid is
/// never given again (the ledger).
package struct Group: Sendable, Equatable {
    package var cluster: ClusterID
    package var name: String
    /// POSIX gid, 1 to 4294967294.
    package var gidNumber: UInt32
    /// Whether it is the cluster's own group, whose gid added users get.
    package var isPrimary: Bool
    /// Supplementary members; those whose primary group it is are not repeated here.
    package var members: [HPCUserID]
    package var revision: Revision = .none

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
