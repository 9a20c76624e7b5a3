import RosterModel

/// Whose the distinguished names in groups are. A file may name the entry of a user otherwise than the user, as Active Directory does
/// (`CN=Hana Sato`), and groups may be members of groups.
struct MemberNames {
    /// The entries whose names do not tell whose they are: those of users with another name, and groups.
    private var entries: [(name: ArraySlice<UInt8>, owner: Owner)] = []
    /// The entries by the parts of their names; made when the first member is asked for.
    private var owners: [[[String]]: Owner]?
    private var lastParent: ParentDN?

    enum Owner {
        case user(String)
        /// A group, by its name.
        case group(String)
        /// Nobody that a user or group could be; what the name is, to be shown.
        case nobody(String)
    }

    /// Notes the entry of a user.
    mutating func add(
        _ username: String, at name: ArraySlice<UInt8>, named relativeName: DistinguishedName.RelativeName
    ) {
        if relativeName.contains(where: { $0.isUserName && $0.value == username }) { return }
        entries.append((name, .user(username)))
    }

    /// Notes the entry of a group.
    mutating func add(group: String, at name: ArraySlice<UInt8>) {
        entries.append((name, .group(group)))
    }

    /// Whose `name` is: what the file says, else what the first relative name says where it is a `uid` or `cn`.
    /// - Parameter cluster: of the group that has it as a member; users of another cluster are nobody to it.
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

    /// What two spellings of one name have in common: RFC 4517 compares names without regard to case.
    private static func key(of name: ArraySlice<UInt8>) -> [[String]]? {
        DistinguishedName(name)?.relativeNames.map { attributes in
            attributes.map { "\($0.name)=\(Username.key(of: $0.value))" }.sorted()
        }
    }
}
