package import RosterModel

/// The members of a group, by name.
package struct ExportedMembers: Sendable {
    /// The users that the group lists, and the listed names that belong to no user.
    package var listed: [String]
    /// The direct member groups.
    package var groups: [String]
    /// `listed` of the group and of all its member groups, direct or through others; each once.
    package var all: [String]

    /// Creates the members of a group.
    package init(listed: [String], groups: [String], all: [String]) {
        self.listed = listed
        self.groups = groups
        self.all = all
    }
}

/// Writes clusters one after the other: first `begin`, then the cluster's users, groups and map entries.
package struct ExportWriter {
    package let format: ExportFormat
    private let ldif: LDIFExport
    private let csv: CSVExport
    private let catalog: AttributeCatalog
    private let withPasswords: Bool
    /// The bytes written since the last `drain`.
    package private(set) var bytes: [UInt8] = []

    /// Creates a writer and writes what precedes all clusters.
    /// - Parameters:
    ///   - base: the DN below which LDIF places all entries.
    ///   - withPasswords: whether to write password hashes, if the format has them.
    ///   - onlyStandard: whether LDIF omits Roster's own attributes, as slapadd requires.
    ///   - catalog: the attributes that users can have.
    package init(
        _ format: ExportFormat, base: DistinguishedName, withPasswords: Bool, onlyStandard: Bool,
        catalog: AttributeCatalog = .standard
    ) {
        self.catalog = catalog
        csv = CSVExport(catalog: catalog)
        self.format = format
        self.withPasswords = withPasswords && format.hasPasswords
        ldif = LDIFExport(base: base, withPasswords: withPasswords, onlyStandard: onlyStandard)
        switch format {
        case .csv: csv.appendHeader(to: &bytes)
        case .ldif:
            ldif.appendBase(to: &bytes)
            for case .declared(let declaration) in catalog.declared { ldif.append(declaration, to: &bytes) }
        case .json, .passwd, .shadow, .group: break
        }
    }

    /// Returns and clears the bytes written so far.
    package mutating func drain() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    /// Writes what precedes the users of a cluster.
    package mutating func begin(_ cluster: Cluster) {
        if format == .ldif { ldif.append(cluster, to: &bytes) }
    }

    /// Writes a user of the current cluster.
    /// - Parameter groups: the names of the groups that list the user; evaluated only if the format has them.
    package mutating func append(_ user: User, groups: @autoclosure () -> [String]) {
        switch format {
        case .csv: csv.append(user, to: &bytes)
        case .ldif: ldif.append(user, to: &bytes)
        case .json: JSONExport.append(user, groups: groups(), catalog: catalog, to: &bytes)
        case .passwd:
            append(fields: [
                user.username.text, "x", String(user.uidNumber), String(user.gidNumber), user.gecos, user.homeDirectory,
                user.loginShell,
            ])
        case .shadow: append(fields: shadow(user))
        case .group: break
        }
    }

    /// Writes a group of the current cluster.
    /// - Parameter members: evaluated only if the format has groups.
    package mutating func append(_ group: Group, members: @autoclosure () -> ExportedMembers) {
        switch format {
        case .ldif: ldif.append(group, members: members(), to: &bytes)
        case .group:
            append(fields: [group.name, "*", String(group.gidNumber), members().all.joined(separator: ",")])
        case .csv, .json, .passwd, .shadow: break
        }
    }

    /// Writes a map entry, after its parent.
    package mutating func append(_ entry: MapEntry) {
        if format == .ldif { bytes += ldif.text(of: entry).utf8 }
    }

    private mutating func append(fields: [String]) {
        bytes += fields.joined(separator: ":").utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The fields of shadow(5). A hash that crypt(3) cannot verify becomes `*`. The hash of a locked user follows `!`;
    /// a locked account is also written as expired, since `!` does not keep out users who log in with a key.
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
    /// The day since 1970 from which the user cannot log in, in a format without another sign of a lock; nil if it
    /// never expires. At least 1, because some readers take 0 for no expiry.
    var shadowExpire: Int64? { state == .locked ? 1 : expires.map { max(1, $0.firstWholeDay) } }
}
