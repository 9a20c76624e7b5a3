package import RosterModel

/// An administrator's options for an import.
package struct ImportOptions: Sendable {
    /// The zone of the clusters in the file.
    package var zone: Zone
    /// The cluster of records that name none; records that name another one are refused.
    package var cluster: ClusterID?
    /// Whether users that were deleted in Roster are restored.
    package var restores: Bool
    /// Whether the file may create a `boss`.
    package var allowsBoss: Bool
    /// Whether to accept names, homes and shells that no rule for new users would allow.
    package var acceptsOdd: Bool
    /// Whether users, groups and map entries that exist are left as they are, and existing users join no groups.
    package var onlyNew = false
    /// Whether users that have a password keep it.
    package var keepsPasswords = false
    /// The DN below which the file has its map entries; nil removes the RDNs that name the site (`dc`, `o`, `c`).
    package var mapBase: DistinguishedName?

    /// Creates options; by default nothing is restored, and neither a boss nor odd values are accepted.
    package init(
        zone: Zone, cluster: ClusterID? = nil, restores: Bool = false, allowsBoss: Bool = false,
        acceptsOdd: Bool = false
    ) {
        self.zone = zone
        self.cluster = cluster
        self.restores = restores
        self.allowsBoss = allowsBoss
        self.acceptsOdd = acceptsOdd
    }
}
