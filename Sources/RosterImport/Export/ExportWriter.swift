package import RosterModel

/// The members of a group, by name.
package struct ExportedMembers: Sendable {
    /// The users that the group lists, and the names that it lists and that are no user's.
    package var listed: [String]
    /// The groups that are members of it by themselves.
    package var groups: [String]
    /// `listed` of the group and of all groups that are members of it, by themselves or through others; each once.
    package var all: [String]

    package init(listed: [String], groups: [String], all: [String]) {
        self.listed = listed
        self.groups = groups
        self.all = all
    }
}

/// Writes clusters, one after the other: first `begin`, then each of their users, groups and map entries.
package struct ExportWriter {
    package let format: ExportFormat
    private let ldif: LDIFExport
    private let withPasswords: Bool
    /// What was written and not taken yet.
    package private(set) var bytes: [UInt8] = []

    /// - Parameters:
    ///   - base: the name below which the entries of LDIF stand.
    ///   - withPasswords: whether hashes are written, where the format has them.
    ///   - onlyStandard: whether LDIF leaves out the attributes that are Roster's own, as slapadd needs it.
    package init(_ format: ExportFormat, base: DistinguishedName, withPasswords: Bool, onlyStandard: Bool) {
        self.format = format
        self.withPasswords = withPasswords && format.hasPasswords
        ldif = LDIFExport(base: base, withPasswords: withPasswords, onlyStandard: onlyStandard)
        switch format {
        case .csv: CSVExport.appendHeader(to: &bytes)
        case .ldif: ldif.appendBase(to: &bytes)
        case .json, .passwd, .shadow, .group: break
        }
    }

    /// Returns what was written, and forgets it.
    package mutating func drain() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    /// What stands before the users of a cluster.
    package mutating func begin(_ cluster: Cluster) {
        if format == .ldif { ldif.append(cluster, to: &bytes) }
    }

    /// A user of the cluster that was begun last.
    /// - Parameter groups: the names of the groups that list the user; read only where the format has them.
    package mutating func append(_ user: User, groups: @autoclosure () -> [String]) {
        switch format {
        case .csv: CSVExport.append(user, to: &bytes)
        case .ldif: ldif.append(user, to: &bytes)
        case .json: JSONExport.append(user, groups: groups(), to: &bytes)
        case .passwd:
            append(fields: [
                user.username.text, "x", String(user.uidNumber), String(user.gidNumber), user.gecos, user.homeDirectory,
                user.loginShell,
            ])
        case .shadow: append(fields: shadow(user))
        case .group: break
        }
    }

    /// A group of the cluster that was begun last.
    /// - Parameter members: read only where the format has groups.
    package mutating func append(_ group: Group, members: @autoclosure () -> ExportedMembers) {
        switch format {
        case .ldif: ldif.append(group, members: members(), to: &bytes)
        case .group:
            append(fields: [group.name, "*", String(group.gidNumber), members().all.joined(separator: ",")])
        case .csv, .json, .passwd, .shadow: break
        }
    }

    /// A map entry; after the one above it.
    package mutating func append(_ entry: MapEntry) {
        if format == .ldif { bytes += ldif.text(of: entry).utf8 }
    }

    private mutating func append(fields: [String]) {
        bytes += fields.joined(separator: ":").utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The fields of shadow(5). A hash that crypt(3) does not verify is `*`, and stands behind `!` where the user is locked: then the
    /// account has expired too, since `!` stops nobody who logs in with a key.
    private func shadow(_ user: User) -> [String] {
        let hash = user.password.map(\.text).flatMap { $0.hasPrefix("{") ? nil : $0 } ?? "*"
        let days = { (attribute: UserAttribute) in user.attributes.texts(attribute).first ?? "" }
        return [
            user.username.text, (user.state == .locked ? "!" : "") + (withPasswords ? hash : "*"),
            user.passwordTime.map { String($0.day) } ?? "", days(.shadowMin), days(.shadowMax),
            days(.shadowWarning), days(.shadowInactive), user.shadowExpire.map(String.init) ?? "", "",
        ]
    }
}

extension User {
    /// The day since 1970 from which the user cannot log in, where nothing else tells that it is locked; nil where it may log in for
    /// ever. It is 1 or later, since 0 is no expiry to some readers.
    var shadowExpire: Int64? { state == .locked ? 1 : expires.map { max(1, $0.firstWholeDay) } }
}
