package import RosterModel

/// What an administrator says about an import, beside the file.
package struct ImportOptions: Sendable {
    /// The zone of the clusters in the file.
    package var zone: Zone
    /// The cluster of records that name none; a record that names another one is refused.
    package var cluster: ClusterID?
    /// Whether users that were deleted in Roster come back.
    package var restores: Bool
    /// Whether the file may make a `boss`.
    package var allowsBoss: Bool
    /// Whether names, homes and shells are taken that no rule for new users would allow.
    package var acceptsOdd: Bool
    /// The name below which map entries stand in the file; nil takes off what names the site (`dc`, `o`, `c`).
    package var mapBase: DistinguishedName?

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
