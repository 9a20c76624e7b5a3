/// A cluster: where users live, and what is given to those added to it.
package struct Cluster: Sendable, Equatable {
    package var id: ClusterID
    package var name: String
    package var zone: Zone
    package var type: Kind
    /// The cluster's mount of the shared file system; the default of its users'.
    package var nasMountPoint: String
    /// How a home is named: `{nas_mount_point}` and `{username}` stand for the user's.
    package var homeTemplate: String
    package var loginShell: String
    /// The numbers given to users that are added, both ends included.
    package var uidRange: ClosedRange<UInt32>
    /// What the names of added users must look like.
    package var nameRule: NameRule = .portable
    /// What passwords must look like.
    package var passwordRule: PasswordRule = .standard
    package var description: String
    package var createTime: Timestamp
    package var revision: Revision = .none

    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case hpc
        case ehpc
    }

    /// Clear of what Debian (100–999, 60000–65535), RHEL and systemd (61184 and up) keep for themselves.
    package static let defaultUIDRange: ClosedRange<UInt32> = 10_000...59_999
    package static let defaultHomeTemplate = "{nas_mount_point}/home/{username}"
    package static let defaultLoginShell = "/bin/bash"

    package init(
        id: ClusterID, name: String? = nil, zone: Zone, nasMountPoint: String,
        homeTemplate: String = defaultHomeTemplate, loginShell: String = defaultLoginShell,
        uidRange: ClosedRange<UInt32> = defaultUIDRange, description: String = "", createTime: Timestamp
    ) {
        self.id = id
        self.name = name ?? id.text
        self.zone = zone
        self.type = id.text.utf8.starts(with: "ehpc-".utf8) ? .ehpc : .hpc
        self.nasMountPoint = nasMountPoint
        self.homeTemplate = homeTemplate
        self.loginShell = loginShell
        self.uidRange = uidRange
        self.description = description
        self.createTime = createTime
    }

    /// The home of `username` whose share is mounted at `mount`, after the template.
    package func home(of username: Username, mount: String) -> String {
        var rest = homeTemplate[...]
        var path = ""
        while let open = rest.firstIndex(of: "{") {
            path += rest[..<open]
            rest = rest[open...]
            if rest.hasPrefix("{nas_mount_point}") {
                path += mount
                rest = rest.dropFirst("{nas_mount_point}".count)
            } else if rest.hasPrefix("{username}") {
                path += username.text
                rest = rest.dropFirst("{username}".count)
            } else {
                path.append(rest.removeFirst())
            }
        }
        return path + rest
    }
}
