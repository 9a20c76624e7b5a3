import RosterModel
import RosterStore

/// A group as an entry of LDIF gives it, before it is known whose the distinguished names of its members are.
struct LDIFGroup {
    /// The line of its `dn:`.
    let line: Int
    let cluster: String?
    let name: String
    /// Nil where the entry has none, as a `groupOfNames` need not.
    let gidNumber: UInt32?
    /// Names of users.
    var members: [String]
    var distinguishedNames: [ArraySlice<UInt8>]
    /// Whether the file says that it is the cluster's own group.
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
    /// Whether it is a group of POSIX, or one of persons (RFC 4519; `group` is Active Directory's).
    var isGroup: Bool {
        isOf(objectClass: "posixgroup") || isOf(objectClass: "groupofnames")
            || isOf(objectClass: "groupofuniquenames") || isOf(objectClass: "group")
    }

    /// The entry as a group, which stands in `branch` under `relativeName`.
    /// - Throws: where the entry has no name or number that could be a user's group's, or a member is no text.
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
        // A `groupOfNames` must have a member: an empty name stands for none.
        let names = values(of: .account(.member)) + values(of: .account(.uniqueMember))
        return LDIFGroup(
            line: line, cluster: branch.cluster, name: text, gidNumber: number, members: members,
            distinguishedNames: names.map(\.bytes).filter { !$0.isEmpty },
            isPrimary: values(of: .roster(.primaryGroup)).contains { $0.bytes.elementsEqual("TRUE".utf8) },
            createTime: generalizedTime(.account(.createTimestamp)),
            updateTime: generalizedTime(.account(.modifyTimestamp)))
    }
}
