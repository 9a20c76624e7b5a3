/// Settings for a new or existing cluster. A nil member means the default for a new cluster, no change for an existing
/// one.
package struct ClusterSettings: Sendable, Equatable {
    package var name: String?
    package var nasMountPoint: String?
    package var homeTemplate: String?
    package var loginShell: String?
    package var firstUID: UInt32?
    package var lastUID: UInt32?
    package var nameRule: NameRule?
    package var passwordRule: PasswordRule?
    package var description: String?

    /// Creates settings that are all nil.
    package init() {}

    /// Checks each setting on its own, without the cluster that it is for.
    /// - Throws: `invalidParameter` for a malformed setting.
    package func check() throws(RosterError) {
        var cluster = Cluster(
            id: ClusterID(stored: "-"), zone: Zone(stored: "-"), nasMountPoint: "/", createTime: Timestamp(seconds: 0))
        var settings = self
        // One end of the range alone can be checked only against the cluster's other end.
        if firstUID == nil || lastUID == nil { (settings.firstUID, settings.lastUID) = (nil, nil) }
        try settings.apply(to: &cluster)
    }

    /// Applies the settings to `target`.
    /// - Throws: `invalidParameter` for a malformed setting; `target` is then unchanged.
    package func apply(to target: inout Cluster) throws(RosterError) {
        var cluster = target
        if let name {
            try PasswdField.check(name, name: "cluster_name")
            cluster.name = name
        }
        if let nasMountPoint {
            try PasswdField.checkPath(nasMountPoint, name: "nas_mount_point")
            cluster.nasMountPoint = nasMountPoint
        }
        if let homeTemplate {
            guard homeTemplate.contains("{username}"),
                homeTemplate.hasPrefix("/") || homeTemplate.hasPrefix("{nas_mount_point}/")
            else {
                throw .invalid(
                    "home_template", "must be an absolute path, or start with {nas_mount_point}/, and hold {username}")
            }
            try PasswdField.check(homeTemplate, name: "home_template")
            cluster.homeTemplate = homeTemplate
        }
        if let loginShell {
            try PasswdField.checkPath(loginShell, name: "login_shell")
            cluster.loginShell = loginShell
        }
        let (first, last) = (firstUID ?? cluster.uidRange.lowerBound, lastUID ?? cluster.uidRange.upperBound)
        guard first <= last else { throw .invalid("uid_first", "\(first) is above uid_last, \(last)") }
        cluster.uidRange = first...last
        if let nameRule { cluster.nameRule = nameRule }
        if let passwordRule { cluster.passwordRule = passwordRule }
        if let description {
            try PasswdField.check(description, name: "description")
            cluster.description = description
        }
        target = cluster
    }
}
