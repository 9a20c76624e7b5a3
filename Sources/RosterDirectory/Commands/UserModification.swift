package import RosterModel

/// What a command changes of one user. A nil member leaves its field as it is.
package struct UserModification: Sendable {
    /// The new name. The uid, the home directory and the groups stay.
    package var newUsername: String?
    package var newPassword: String?
    /// The user's current password; required if a member changes its own row with an access key.
    package var presentPassword: String?
    package var state: User.State?
    /// An inner nil means never.
    package var expires: Timestamp??
    package var role: Role?
    /// The gid of a group of the cluster, which becomes the primary group.
    package var gidNumber: UInt32?
    /// An inner nil means no mode.
    package var mode: FileMode??
    /// Empty means the cluster's.
    package var nasMountPoint: String?
    /// Empty means what the cluster's template gives.
    package var homeDirectory: String?
    /// Empty means the cluster's.
    package var loginShell: String?
    /// Empty means the full name, or nothing if there is none.
    package var gecos: String?
    package var attributes: [UserAttribute: AttributeModification] = [:]

    /// How the values of an attribute change, in this order: replaced, added, deleted (RFC 4511 section 4.6).
    package struct AttributeModification: Sendable, Equatable {
        /// Nil leaves the values; an empty list deletes them all.
        package var replacing: [[UInt8]]?
        /// Replaces an equal value, whose comment may differ.
        package var adding: [[UInt8]]
        /// Values that do not exist are ignored.
        package var deleting: [[UInt8]]

        /// A modification of one attribute; nothing by default.
        package init(replacing: [[UInt8]]? = nil, adding: [[UInt8]] = [], deleting: [[UInt8]] = []) {
            self.replacing = replacing
            self.adding = adding
            self.deleting = deleting
        }

        /// The values afterwards, without duplicates.
        func applied(to values: [[UInt8]], of attribute: UserAttribute) -> [[UInt8]] {
            var values: [[UInt8]] = replacing == nil ? values : []
            for value in (replacing ?? []) + adding {
                if let index = values.firstIndex(where: { attribute.isSame($0, value) }) {
                    values[index] = value
                } else {
                    values.append(value)
                }
            }
            values.removeAll { value in deleting.contains { attribute.isSame($0, value) } }
            return values
        }
    }

    /// A modification that changes nothing.
    package init() {}

    /// Whether it changes nothing.
    package var isEmpty: Bool {
        newPassword == nil && touchesOnlyAttributes && attributes.isEmpty
    }

    /// Whether a member may apply it to its own row.
    var isSelfService: Bool {
        touchesOnlyAttributes && attributes.keys.allSatisfy(\.isSelfService)
    }

    /// Whether it changes nothing but the password and the attributes.
    private var touchesOnlyAttributes: Bool {
        newUsername == nil && state == nil && expires == nil && role == nil && gidNumber == nil && mode == nil
            && nasMountPoint == nil && homeDirectory == nil && loginShell == nil && gecos == nil
    }

    /// Checks each value on its own, without the directory.
    /// - Throws: `invalidParameter` for the first value that is malformed.
    package func check() throws(RosterError) {
        if let path = nasMountPoint, !path.isEmpty { try PasswdField.checkPath(path, name: "nas_mount_point") }
        if let path = homeDirectory, !path.isEmpty { try PasswdField.checkHome(path, name: "home_directory") }
        if let path = loginShell, !path.isEmpty { try PasswdField.checkPath(path, name: "login_shell") }
        if let gecos { try PasswdField.check(gecos, name: "gecos") }
        for (attribute, modification) in attributes.sorted(by: { $0.key.name < $1.key.name }) {
            for value in (modification.replacing ?? []) + modification.adding { try attribute.checkNew(value) }
        }
    }

    /// Applies the checked values to `user`, except the password. Does not check what depends on other rows.
    /// - Throws: `nameMalformed`; `invalidParameter` if an attribute has too many values, or all together have too many
    ///   bytes.
    func apply(to user: inout User, of cluster: Cluster) throws(RosterError) {
        let before = user
        if let newUsername, newUsername != user.username.text {
            user.username = try cluster.nameRule.check(newUsername)
        }
        if let state { user.state = state }
        if let expires { user.expires = expires }
        if let role { user.role = role }
        if let gidNumber { user.gidNumber = gidNumber }
        if let mode { user.mode = mode }
        if let path = nasMountPoint { user.nasMountPoint = path.isEmpty ? cluster.nasMountPoint : path }
        if let path = homeDirectory {
            user.homeDirectory =
                path.isEmpty ? cluster.home(of: user.username, mount: user.nasMountPoint) : path
        }
        if let path = loginShell { user.loginShell = path.isEmpty ? cluster.loginShell : path }
        for (attribute, modification) in attributes.sorted(by: { $0.key.name < $1.key.name }) {
            let values = modification.applied(to: user.attributes[attribute], of: attribute)
            try attribute.checkCount(of: values)
            user.attributes[attribute] = values
        }
        guard user.attributes.byteCount <= UserAttributes.maximumBytes else {
            throw .invalid("attributes", "are larger than \(UserAttributes.maximumBytes) bytes together")
        }
        // A gecos derived from the full name follows it.
        if let gecos, !gecos.isEmpty {
            user.gecos = gecos
        } else if gecos != nil || before.gecos == before.attributes.gecos ?? "" {
            user.gecos = user.attributes.gecos ?? ""
        }
    }

    /// One line for the operation log: each changed field with its values before and after.
    func summary(from before: User, to after: User) -> String {
        var parts: [String] = []
        if newPassword != nil { parts.append("password set") }
        if let state { parts.append(state == .locked ? "locked" : "unlocked") }
        if let expires { parts.append(expires.map { "expires \($0)" } ?? "expires never") }
        var (compared, same) = (after, before)
        (compared.state, compared.expires, same.state, same.expires) = (.active, nil, .active, nil)
        parts += same.descriptionOfDifferences(in: compared)
        if before.username != after.username, before.homeDirectory == after.homeDirectory {
            parts.append("the home stays \(after.homeDirectory.sanitizedForDisplay(limit: 256))")
        }
        return parts.isEmpty ? "nothing differs" : parts.joined(separator: "; ")
    }

    /// The state that a modification with this summary has set; nil if it set none. Only the first parts count: values
    /// of fields follow them, and may be any text.
    static func stateChange(inSummary summary: String) -> User.State? {
        var rest = summary[...]
        if rest.hasPrefix("password set; ") { rest = rest.dropFirst("password set; ".count) }
        switch rest.prefix(while: { $0 != ";" }) {
        case "locked": return .locked
        case "unlocked": return .active
        default: return nil
        }
    }
}

extension UserCommand {
    /// A command that sets a password.
    /// - Parameter present: the user's current password; required if a member sets its own with an access key.
    package static func setPassword(username: String, password: String, present: String?) -> UserCommand {
        var modification = UserModification()
        modification.newPassword = password
        modification.presentPassword = present
        return .modify(username: username, modification)
    }

    /// A command that locks or unlocks a user.
    package static func setState(username: String, state: User.State) -> UserCommand {
        var modification = UserModification()
        modification.state = state
        return .modify(username: username, modification)
    }
}
