import RosterModel

/// Writes LDIF that an import reads back: the tree of the LDAP server, with passwords and Roster's own attributes.
struct LDIFExport {
    let base: DistinguishedName
    let withPasswords: Bool
    let onlyStandard: Bool
    /// The base DN as text.
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

    /// Writes the declaration of an attribute, before the users that may have it.
    func append(_ declaration: AttributeDeclaration, to bytes: inout [UInt8]) {
        guard !onlyStandard else { return }
        var entry = Entry("cn=\(declaration.name)\(baseText.isEmpty ? "" : ",\(baseText)")")
        entry.add("objectClass", LDIFName.declarationClass)
        entry.add(.roster(.attributeName), declaration.name)
        entry.add(.roster(.attributeOID), declaration.oid)
        entry.add(.roster(.attributeSyntax), declaration.syntax.rawValue)
        entry.add(.roster(.attributeIsMultiple), declaration.isMultiple ? "TRUE" : "FALSE")
        entry.add(.roster(.attributeIsSearchable), declaration.isSearchable ? "TRUE" : "FALSE")
        entry.add(.account(.createTimestamp), declaration.createTime.generalizedTime)
        entry.append(to: &bytes)
    }

    /// Writes the entry of a cluster with its settings, and the units below it.
    func append(_ cluster: Cluster, to bytes: inout [UInt8]) {
        var entry = Entry(name(of: cluster.id))
        entry.add("objectClass", ["organizationalUnit"] + (onlyStandard ? [] : ["rosterCluster"]))
        entry.add("ou", cluster.id.text)
        if !cluster.description.isEmpty { entry.add(.person(.description), cluster.description) }
        if !onlyStandard {
            entry.add(.roster(.clusterName), cluster.name)
            entry.add(.roster(.mountPoint), cluster.nasMountPoint)
            entry.add(.roster(.homeTemplate), cluster.homeTemplate)
            entry.add(.roster(.loginShell), cluster.loginShell)
            entry.add(.roster(.firstUID), String(cluster.uidRange.lowerBound))
            entry.add(.roster(.lastUID), String(cluster.uidRange.upperBound))
            entry.add(.roster(.nameRule), cluster.nameRule.rawValue)
            entry.add(.roster(.passwordRule), cluster.passwordRule.rawValue)
            entry.add(.account(.createTimestamp), cluster.createTime.generalizedTime)
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
        entry.add(.account(.uid), name)
        // The schema requires both for a person.
        for required in [UserAttribute.fullName, .surname] where attributes[required].isEmpty {
            entry.add(required.name, name)
        }
        entry.add(lines: (onlyStandard ? attributes.standardOnly : attributes).text ?? "")
        entry.add(.account(.uidNumber), String(user.uidNumber))
        entry.add(.account(.gidNumber), String(user.gidNumber))
        entry.add(.account(.homeDirectory), user.homeDirectory)
        entry.add(.account(.loginShell), user.loginShell)
        if !user.gecos.isEmpty { entry.add(.account(.gecos), user.gecos) }
        if let password = userPassword(of: user) { entry.add(.account(.userPassword), password) }
        if let time = user.passwordTime {
            entry.add(.account(.shadowLastChange), String(time.day))
            if !onlyStandard { entry.add(.roster(.passwordTime), time.generalizedTime) }
        }
        if onlyStandard {
            if let day = user.shadowExpire { entry.add(.account(.shadowExpire), String(day)) }
        } else if let time = user.expires {
            entry.add(.account(.shadowExpire), String(max(1, time.firstWholeDay)))
            entry.add(.roster(.expires), time.generalizedTime)
        }
        if !onlyStandard {
            // The lock attribute of OpenLDAP's password policy, whose schema slapadd does not always have.
            if user.state == .locked { entry.add(.account(.pwdAccountLockedTime), "000001010000Z") }
            entry.add(.roster(.userID), user.id.text)
            entry.add(.roster(.accountID), user.account.text)
            entry.add(.roster(.role), user.role.rawValue)
            if let mode = user.mode { entry.add(.roster(.homeMode), mode.description) }
            entry.add(.roster(.mountPoint), user.nasMountPoint)
            entry.add(.account(.createTimestamp), user.createTime.generalizedTime)
            entry.add(.account(.modifyTimestamp), user.updateTime.generalizedTime)
        }
        entry.append(to: &bytes)
    }

    /// The value of `userPassword` (RFC 2307 section 5.3); nil if there is none or it must not be written.
    ///
    /// A standard entry has no other sign of a lock that every server respects, so a locked user's hash follows the
    /// mark of usermod(8). An LDAP digest cannot have the mark and is omitted.
    private func userPassword(of user: User) -> String? {
        guard withPasswords, let password = user.password?.text else { return nil }
        let isDigest = password.hasPrefix("{")
        guard onlyStandard, user.state == .locked else { return isDigest ? password : "{CRYPT}" + password }
        return isDigest ? nil : "{CRYPT}!" + password
    }

    /// Writes a group. A standard entry (RFC 2307) cannot have member groups, so it lists all their members instead.
    func append(_ group: Group, members: ExportedMembers, to bytes: inout [UInt8]) {
        var entry = Entry(name(ofGroup: group.name, in: group.cluster))
        let groups = onlyStandard ? [] : members.groups
        entry.add(
            "objectClass",
            ["posixGroup"] + (groups.isEmpty ? [] : ["groupOfNames"]) + (onlyStandard ? [] : ["rosterGroup"]))
        entry.add(.person(.fullName), group.name)
        entry.add(.account(.gidNumber), String(group.gidNumber))
        entry.add("memberUid", onlyStandard ? members.all : members.listed)
        for name in groups { entry.add(.account(.member), self.name(ofGroup: name, in: group.cluster)) }
        if !onlyStandard {
            if group.isPrimary { entry.add(.roster(.primaryGroup), "TRUE") }
            if let time = group.createTime { entry.add(.account(.createTimestamp), time.generalizedTime) }
            if let time = group.updateTime { entry.add(.account(.modifyTimestamp), time.generalizedTime) }
        }
        entry.append(to: &bytes)
    }

    private func name(ofGroup group: String, in cluster: ClusterID) -> String {
        "cn=\(NameEscaping.escaped(group)),ou=Group,\(name(of: cluster))"
    }

    func text(of entry: MapEntry) -> String { entry.ldif(below: name(of: entry.cluster)) }

    private func name(of cluster: ClusterID) -> String {
        "ou=\(NameEscaping.escaped(cluster.text))" + (baseText.isEmpty ? "" : ",\(baseText)")
    }

    /// An entry being built.
    private struct Entry {
        private var text = LDIFText()

        init(_ name: String) {
            add("dn", name)
        }

        mutating func add(_ name: String, _ value: String) { text.append(name, Array(value.utf8)) }

        mutating func add(_ name: String, _ values: [String]) {
            for value in values { add(name, value) }
        }

        mutating func add(_ name: LDIFName, _ value: String) { add(name.text, value) }

        mutating func add(lines: String) { text.append(lines: lines) }

        func append(to all: inout [UInt8]) {
            all += text.string.utf8
            all.append(UInt8(ascii: "\n"))
        }
    }
}
