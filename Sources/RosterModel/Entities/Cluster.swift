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
        HomeTemplate(homeTemplate).home(of: username, mount: mount)
    }
}

/// A home template, taken apart once for many homes.
package struct HomeTemplate: Sendable {
    private enum Part {
        case text(String)
        case mount
        case username
    }

    private var parts: [Part] = []

    /// - Parameter text: `{nas_mount_point}` and `{username}` stand for the user's; other braces for themselves.
    package init(_ text: String) {
        var rest = text[...]
        var plain = ""
        func take(_ placeholder: String, _ part: Part) -> Bool {
            guard rest.hasPrefix(placeholder) else { return false }
            if !plain.isEmpty { parts.append(.text(plain)) }
            plain = ""
            parts.append(part)
            rest = rest.dropFirst(placeholder.count)
            return true
        }
        while let first = rest.first {
            if first == "{", take("{nas_mount_point}", .mount) || take("{username}", .username) { continue }
            plain.append(rest.removeFirst())
        }
        if !plain.isEmpty { parts.append(.text(plain)) }
    }

    /// The home of `username` whose share is mounted at `mount`.
    package func home(of username: Username, mount: String) -> String {
        var path = ""
        // Room for most homes at once, so that the text does not move while it grows.
        path.reserveCapacity(mount.utf8.count + username.text.utf8.count + 16)
        for part in parts {
            switch part {
            case .text(let text): path += text
            case .mount: path += mount
            case .username: path += username.text
            }
        }
        return path
    }
}
