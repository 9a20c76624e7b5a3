import RosterModel

/// Resolves the DNs of group members. The RDN of a user's entry may differ from the username, as in Active Directory
/// (`CN=Hana Sato`), and groups may be members of groups.
struct MemberNames {
    /// The entries whose owner does not follow from their DN: users with another name, and groups.
    private var entries: [(name: ArraySlice<UInt8>, owner: Owner)] = []
    /// The entries by the normalized parts of their DNs; built when the first member is looked up.
    private var owners: [[[String]]: Owner]?
    private var lastParent: ParentDN?

    enum Owner {
        case user(String)
        /// A group's name.
        case group(String)
        /// The text of a DN that cannot be that of a user or group, for display.
        case nobody(String)
    }

    /// Records the entry of a user.
    mutating func add(
        _ username: String, at name: ArraySlice<UInt8>, named relativeName: DistinguishedName.RelativeName
    ) {
        if relativeName.contains(where: { $0.isUserName && $0.value == username }) { return }
        entries.append((name, .user(username)))
    }

    /// Records the entry of a group.
    mutating func add(group: String, at name: ArraySlice<UInt8>) {
        entries.append((name, .group(group)))
    }

    /// The owner of the DN `name`: the one in the file, otherwise the user named by a `uid` or `cn` in its first RDN.
    /// - Parameter cluster: the cluster of the group; entries of other clusters are not resolved.
    mutating func owner(of name: ArraySlice<UInt8>, in cluster: String?) -> Owner {
        guard let (first, parent) = DistinguishedName.split(name) else { return nobody(name) }
        if lastParent?.text != parent || lastParent == nil { lastParent = ParentDN(parent: parent) }
        guard let branch = lastParent else { return nobody(name) }
        if let own = branch.cluster, let cluster, own != cluster { return nobody(name) }
        if !entries.isEmpty, let owner = Self.key(of: name).flatMap({ table()[$0] }) { return owner }
        return first.first(where: \.isUserName).map { .user($0.value) } ?? nobody(name)
    }

    private func nobody(_ name: ArraySlice<UInt8>) -> Owner { .nobody(String(decoding: name, as: UTF8.self)) }

    private mutating func table() -> [[[String]]: Owner] {
        if let owners { return owners }
        var table: [[[String]]: Owner] = [:]
        for (name, owner) in entries {
            if let key = Self.key(of: name) { table[key] = owner }
        }
        owners = table
        return table
    }

    /// A key that is equal for all spellings of a DN: RFC 4517 compares names ignoring case.
    private static func key(of name: ArraySlice<UInt8>) -> [[String]]? {
        DistinguishedName(name)?.relativeNames.map { attributes in
            attributes.map { "\($0.name)=\(Username.key(of: $0.value))" }.sorted()
        }
    }
}
