/// A cluster: a set of nodes that share a list of users, with the defaults for new users.
package struct Cluster: Sendable, Equatable {
    package var id: ClusterID
    package var name: String
    package var zone: Zone
    package var type: Kind
    /// Where the shared file system is mounted; the default for users.
    package var nasMountPoint: String
    /// The pattern of home paths: `{nas_mount_point}` and `{username}` stand for those of the user.
    package var homeTemplate: String
    package var loginShell: String
    /// The uids and gids given to new users and groups, both ends included.
    package var uidRange: ClosedRange<UInt32>
    /// The rule for the names of new users and groups.
    package var nameRule: NameRule = .portable
    /// The rule for new passwords.
    package var passwordRule: PasswordRule = .standard
    package var description: String
    package var createTime: Timestamp
    package var revision: Revision = .none

    /// The type of cluster, which the prefix of its identifier implies.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case hpc
        case ehpc
    }

    /// Avoids the numbers that Debian (100–999, 60000–65535), RHEL and systemd (61184 and up) reserve.
    package static let defaultUIDRange: ClosedRange<UInt32> = 10_000...59_999
    package static let defaultHomeTemplate = "{nas_mount_point}/home/{username}"
    package static let defaultLoginShell = "/bin/bash"

    /// Creates a cluster with default rules. The name defaults to the identifier; the type follows from the prefix.
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

    /// The home of `username` by the cluster's template, with the share mounted at `mount`.
    package func home(of username: Username, mount: String) -> String {
        HomeTemplate(homeTemplate).home(of: username, mount: mount)
    }
}

/// A home template, parsed once for many homes.
package struct HomeTemplate: Sendable {
    private enum Part {
        case text(String)
        case mount
        case username
    }

    private var parts: [Part] = []

    /// Parses a template.
    /// - Parameter text: `{nas_mount_point}` and `{username}` are placeholders; other braces stand for themselves.
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

    /// The home of `username`, with the share mounted at `mount`.
    package func home(of username: Username, mount: String) -> String {
        var path = ""
        // Enough capacity for most homes, to avoid reallocation.
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
