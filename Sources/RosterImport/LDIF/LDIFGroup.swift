import RosterModel
import RosterStore

/// A group as an LDIF entry gives it, before the DNs of its members are resolved.
struct LDIFGroup {
    /// The line of its `dn:`.
    let line: Int
    let cluster: String?
    let name: String
    /// Nil if the entry has none: a `groupOfNames` need not have one.
    let gidNumber: UInt32?
    /// The usernames of members.
    var members: [String]
    var distinguishedNames: [ArraySlice<UInt8>]
    /// Whether the file marks it as the cluster's own group.
    let isPrimary: Bool

    let createTime: Timestamp?
    let updateTime: Timestamp?

    /// The group with the names of its members, each once.
    func resolved(_ names: inout MemberNames) -> ImportFile.ImportedGroup {
        var (entries, groups): ([String], [String]) = ([], [])
        for name in distinguishedNames {
            switch names.owner(of: name, in: cluster) {
            case .user(let name), .nobody(let name): entries.append(name)
            case .group(let name): groups.append(name)
            }
        }
        var group = ImportFile.ImportedGroup(
            line: line, cluster: cluster, name: name, gidNumber: gidNumber, members: Self.unique(members))
        group.memberEntries = Self.unique(entries)
        group.memberGroups = Self.unique(groups)
        group.isPrimary = isPrimary
        group.createTime = createTime
        group.updateTime = updateTime
        return group
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}

extension LDIFEntry {
    /// Whether the entry is a POSIX group, or a group of names (RFC 4519; `group` is Active Directory's class).
    var isGroup: Bool {
        isOf(objectClass: "posixgroup") || isOf(objectClass: "groupofnames")
            || isOf(objectClass: "groupofuniquenames") || isOf(objectClass: "group")
    }

    /// Converts the entry, named `relativeName` in `branch`, to a group.
    /// - Throws: if the entry has no name, its gid is missing or invalid, or a member is not text.
    func group(
        named relativeName: DistinguishedName.RelativeName, in branch: ParentDN
    ) throws(LDIFError) -> LDIFGroup {
        guard let text = try naming(.person(.fullName), in: relativeName) else {
            throw LDIFError(line: line, "group without a cn")
        }
        let digits = try single(.account(.gidNumber))?.text()
        guard digits != nil || !isOf(objectClass: "posixgroup") else {
            throw LDIFError(line: line, "group \(text.quoted): gid '' is that of no user")
        }
        var number: UInt32?
        if let digits {
            number = try? User.posixNumber(digits, name: LDIFName.AccountAttribute.gidNumber.rawValue)
            guard number != nil else {
                throw LDIFError(line: line, "group \(text.quoted): gid \(digits.quoted) is that of no user")
            }
        }
        var members: [String] = []
        for value in values(of: .account(.memberUid)) {
            if let member = try value.text() { members.append(member) }
        }
        // A `groupOfNames` must have a member, so an empty DN stands for none.
        let names = values(of: .account(.member)) + values(of: .account(.uniqueMember))
        return LDIFGroup(
            line: line, cluster: branch.cluster, name: text, gidNumber: number, members: members,
            distinguishedNames: names.map(\.bytes).filter { !$0.isEmpty },
            isPrimary: values(of: .roster(.primaryGroup)).contains { $0.bytes.elementsEqual("TRUE".utf8) },
            createTime: generalizedTime(.account(.createTimestamp)),
            updateTime: generalizedTime(.account(.modifyTimestamp)))
    }
}
