package import RosterModel

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

    /// Takes what was written.
    package mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    /// What stands before the users of a cluster.
    package mutating func begin(_ cluster: Cluster) {
        if format == .ldif { ldif.append(cluster, to: &bytes) }
    }

    /// - Parameter groups: the names of the groups that list the user.
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

    /// - Parameter members: the names of the users that it lists.
    package mutating func append(_ group: Group, members: @autoclosure () -> [String]) {
        switch format {
        case .ldif: ldif.append(group, members: members(), to: &bytes)
        case .group:
            append(fields: [group.name, "*", String(group.gidNumber), members().joined(separator: ",")])
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

    /// The fields of shadow(5). A hash that crypt(3) does not verify is `*`, and stands behind `!` where the user is locked.
    private func shadow(_ user: User) -> [String] {
        let hash = user.password.map(\.text).flatMap { $0.hasPrefix("{") ? nil : $0 } ?? "*"
        let days = { (attribute: UserAttribute) in user.attributes.texts(attribute).first ?? "" }
        return [
            user.username.text, (user.state == .locked ? "!" : "") + (withPasswords ? hash : "*"),
            user.passwordTime.map { String($0.dayNumber) } ?? "", days(.shadowMin), days(.shadowMax),
            days(.shadowWarning), days(.shadowInactive), user.expires.map { String($0.dayNumber) } ?? "", "",
        ]
    }
}

extension Timestamp {
    /// The day since 1970 in which the moment is, as shadow(5) counts.
    var dayNumber: Int64 { seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400 }
}
