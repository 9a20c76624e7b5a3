import RosterModel

/// Entries of LDIF as an import reads them back: the tree of the LDAP server, with passwords and with what only Roster knows.
struct LDIFExport {
    let base: DistinguishedName
    let withPasswords: Bool
    let onlyStandard: Bool
    /// The base as text.
    private let baseText: String

    init(base: DistinguishedName, withPasswords: Bool, onlyStandard: Bool) {
        self.base = base
        self.withPasswords = withPasswords
        self.onlyStandard = onlyStandard
        baseText = base.text
    }

    func appendBase(to bytes: inout [UInt8]) {
        bytes += "version: 1\n\n".utf8
        guard let first = base.relativeNames.first?.first else { return }
        var entry = Entry(baseText)
        switch first.name {
        case "dc": entry.add("objectClass", ["organization", "dcObject"])
        case "o": entry.add("objectClass", ["organization"])
        default: entry.add("objectClass", ["organizationalUnit"])
        }
        entry.add(first.name, first.value)
        if first.name == "dc" { entry.add("o", first.value) }
        entry.append(to: &bytes)
    }

    /// The units of a cluster, and its settings.
    func append(_ cluster: Cluster, to bytes: inout [UInt8]) {
        var entry = Entry(name(of: cluster.id))
        entry.add("objectClass", ["organizationalUnit"] + (onlyStandard ? [] : ["rosterCluster"]))
        entry.add("ou", cluster.id.text)
        if !cluster.description.isEmpty { entry.add(.description, cluster.description) }
        if !onlyStandard {
            entry.add(.rosterClusterName, cluster.name)
            entry.add(.rosterMountPoint, cluster.nasMountPoint)
            entry.add(.rosterHomeTemplate, cluster.homeTemplate)
            entry.add(.rosterLoginShell, cluster.loginShell)
            entry.add(.rosterFirstUID, String(cluster.uidRange.lowerBound))
            entry.add(.rosterLastUID, String(cluster.uidRange.upperBound))
            entry.add(.rosterNameRule, cluster.nameRule.rawValue)
            entry.add(.rosterPasswordRule, cluster.passwordRule.rawValue)
            entry.add(.createTimestamp, cluster.createTime.generalizedTime)
        }
        entry.append(to: &bytes)
        for unit in ["People", "Group"] {
            var entry = Entry("ou=\(unit),\(name(of: cluster.id))")
            entry.add("objectClass", "organizationalUnit")
            entry.add("ou", unit)
            entry.append(to: &bytes)
        }
    }

    func append(_ user: User, to bytes: inout [UInt8]) {
        let name = user.username.text
        var entry = Entry("uid=\(NameEscaping.escaped(name)),ou=People,\(self.name(of: user.cluster))")
        let attributes = user.attributes
        var classes = ["inetOrgPerson", "posixAccount", "shadowAccount"]
        if !attributes[.sshPublicKey].isEmpty { classes.append("ldapPublicKey") }
        if !attributes[.host].isEmpty { classes.append("hostObject") }
        if !attributes[.authorizedService].isEmpty { classes.append("authorizedServiceObject") }
        if !onlyStandard { classes.append("rosterUser") }
        entry.add("objectClass", classes)
        entry.add(.uid, name)
        // The schema demands both of a person.
        for required in [UserAttribute.fullName, .surname] where attributes[required].isEmpty {
            entry.add(required.name, name)
        }
        entry.add(lines: attributes.text ?? "")
        entry.add(.uidNumber, String(user.uidNumber))
        entry.add(.gidNumber, String(user.gidNumber))
        entry.add(.homeDirectory, user.homeDirectory)
        entry.add(.loginShell, user.loginShell)
        if !user.gecos.isEmpty { entry.add(.gecos, user.gecos) }
        if let password = user.password, withPasswords {
            entry.add(.userPassword, password.text.hasPrefix("{") ? password.text : "{CRYPT}" + password.text)
        }
        if let time = user.passwordTime {
            entry.add(.shadowLastChange, String(time.dayNumber))
            if !onlyStandard { entry.add(.rosterPasswordTime, time.generalizedTime) }
        }
        if let time = user.expires {
            entry.add(.shadowExpire, String(max(1, time.dayNumber)))
            if !onlyStandard { entry.add(.rosterExpires, time.generalizedTime) }
        }
        if !onlyStandard {
            // The sign of OpenLDAP's password policy, whose schema slapadd does not always have.
            if user.state == .locked { entry.add(.pwdAccountLockedTime, "000001010000Z") }
            entry.add(.rosterUserID, user.id.text)
            entry.add(.rosterAccountID, user.account.text)
            entry.add(.rosterRole, user.role.rawValue)
            if let mode = user.mode { entry.add(.rosterHomeMode, mode.description) }
            entry.add(.rosterMountPoint, user.nasMountPoint)
            entry.add(.createTimestamp, user.createTime.generalizedTime)
            entry.add(.modifyTimestamp, user.updateTime.generalizedTime)
        }
        entry.append(to: &bytes)
    }

    func append(_ group: Group, members: [String], to bytes: inout [UInt8]) {
        var entry = Entry("cn=\(NameEscaping.escaped(group.name)),ou=Group,\(name(of: group.cluster))")
        entry.add("objectClass", ["posixGroup"] + (onlyStandard ? [] : ["rosterGroup"]))
        entry.add(.commonName, group.name)
        entry.add(.gidNumber, String(group.gidNumber))
        entry.add("memberUid", members)
        if !onlyStandard, group.isPrimary { entry.add(.rosterPrimaryGroup, "TRUE") }
        entry.append(to: &bytes)
    }

    private func name(of cluster: ClusterID) -> String {
        "ou=\(NameEscaping.escaped(cluster.text))" + (baseText.isEmpty ? "" : ",\(baseText)")
    }

    /// An entry on its way.
    private struct Entry {
        private var bytes: [UInt8] = []

        init(_ name: String) {
            add("dn", name)
        }

        mutating func add(_ name: String, _ value: String) { LDIFLine.append(name, Array(value.utf8), to: &bytes) }

        mutating func add(_ name: String, _ values: [String]) {
            for value in values { add(name, value) }
        }

        mutating func add(_ name: LDIFName, _ value: String) { add(name.rawValue, value) }

        mutating func add(lines: String) { bytes += lines.utf8 }

        func append(to all: inout [UInt8]) {
            all += bytes
            all.append(UInt8(ascii: "\n"))
        }
    }
}
