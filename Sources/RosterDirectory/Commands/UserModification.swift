package import RosterModel

/// What a command changes of one user. A nil member leaves its field as it is.
package struct UserModification: Sendable {
    /// The new name. The uid, the home directory and the groups stay.
    package var newUsername: String?
    package var newPassword: String?
    /// The user's password of now; needed where a member changes its own row by an access key.
    package var presentPassword: String?
    package var state: User.State?
    /// The inner nil is never.
    package var expires: Timestamp??
    package var role: Role?
    /// The gid of a group of the cluster, which becomes the primary group.
    package var gidNumber: UInt32?
    /// The inner nil is no mode.
    package var mode: FileMode??
    /// Empty is the cluster's.
    package var nasMountPoint: String?
    /// Empty is what the cluster's template gives.
    package var homeDirectory: String?
    /// Empty is the cluster's.
    package var loginShell: String?
    /// Empty is the full name, or nothing where there is none.
    package var gecos: String?
    package var attributes: [UserAttribute: AttributeModification] = [:]

    /// What becomes of the values of an attribute, in this order: replaced, added, deleted (RFC 4511 section 4.6).
    package struct AttributeModification: Sendable, Equatable {
        /// Nil keeps the values; an empty list deletes all.
        package var replacing: [[UInt8]]?
        /// A value that is there already is replaced by the one that is added: it may have another comment.
        package var adding: [[UInt8]]
        /// A value that is not there is passed over.
        package var deleting: [[UInt8]]

        package init(replacing: [[UInt8]]? = nil, adding: [[UInt8]] = [], deleting: [[UInt8]] = []) {
            self.replacing = replacing
            self.adding = adding
            self.deleting = deleting
        }

        /// The values afterwards; each once.
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

    package init() {}

    /// Whether it changes nothing at all.
    package var isEmpty: Bool {
        newPassword == nil && touchesOnlyAttributes && attributes.isEmpty
    }

    /// Whether a member may do it to its own row.
    var isSelfService: Bool {
        touchesOnlyAttributes && attributes.keys.allSatisfy(\.isSelfService)
    }

    /// Whether it leaves everything alone but the password and the attributes.
    private var touchesOnlyAttributes: Bool {
        newUsername == nil && state == nil && expires == nil && role == nil && gidNumber == nil && mode == nil
            && nasMountPoint == nil && homeDirectory == nil && loginShell == nil && gecos == nil
    }

    /// Checks each value by itself: what needs no look at the directory.
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

    /// Puts the new values, which are checked, over those of `user`, but for the password. What depends on other rows is not
    /// checked.
    /// - Throws: `nameMalformed`; `invalidParameter` where an attribute has more values than it may, or all have too many bytes.
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
        // What was derived from the full name follows it.
        if let gecos, !gecos.isEmpty {
            user.gecos = gecos
        } else if gecos != nil || before.gecos == before.attributes.gecos ?? "" {
            user.gecos = user.attributes.gecos ?? ""
        }
    }

    /// One line for the operation log: what was changed, each field with its values before and after.
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
}

extension UserCommand {
    /// - Parameter present: the user's password of now; needed where a member sets its own by an access key.
    package static func setPassword(username: String, password: String, present: String?) -> UserCommand {
        var modification = UserModification()
        modification.newPassword = password
        modification.presentPassword = present
        return .modify(username: username, modification)
    }

    package static func setState(username: String, state: User.State) -> UserCommand {
        var modification = UserModification()
        modification.state = state
        return .modify(username: username, modification)
    }

    /// - Parameter expires: nil is never.
    package static func setExpiry(username: String, expires: Timestamp?) -> UserCommand {
        var modification = UserModification()
        modification.expires = .some(expires)
        return .modify(username: username, modification)
    }
}
