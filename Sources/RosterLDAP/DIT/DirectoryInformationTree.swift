package import RosterModel

/// The tree of entries: its hierarchy, and how entries are named.
///
///     <base>                       dc=ehpccloud,dc=com
///       ou=<cluster_id>
///         ou=People
///           uid=<username>
///         ou=Group
///           cn=<group>
///         cn=ppolicy             makes ppolicy clients heed locks
///         ou=sudoers, …           map entries, at the places that they had at their source
///       ou=Services                no entry: services bind with a name below it
///         cn=<access key id>
package struct DirectoryInformationTree: Sendable {
    /// The base used unless another is configured.
    package static let defaultBase = "dc=ehpccloud,dc=com"

    /// The attribute that names a user's entry. Bind names and search bases may use either.
    package enum RDNAttribute: String, Sendable, CaseIterable {
        case uid, cn

        /// How a relative name with the attribute begins.
        var prefix: StaticString {
            switch self {
            case .uid: "uid="
            case .cn: "cn="
            }
        }
    }

    /// The base as the server shows it.
    package let base: String
    let naming: RDNAttribute
    private let baseNames: [DistinguishedName.RelativeName]
    /// The attribute type and value of the base's own relative name.
    let baseAttribute: AttributeType
    let baseValue: String

    /// A tree below `base` whose user entries are named by `naming`.
    /// - Throws: `invalidParameter` if `base` is not a name, or does not begin with a single `dc`, `o`, `ou` or `c`.
    package init(base: String = defaultBase, naming: RDNAttribute = .uid) throws(RosterError) {
        guard let name = DistinguishedName(Array(base.utf8)[...]), let first = name.relativeNames.first,
            first.count == 1, let type = AttributeType(first[0].name),
            [.dc, .o, .ou, .c].contains(type), !first[0].value.isEmpty
        else { throw .invalid("base", "not a distinguished name that begins with dc, o, ou or c") }
        baseNames = name.relativeNames
        baseAttribute = type
        baseValue = first[0].value
        self.naming = naming
        self.base = name.text
    }

    static let subschemaName = "cn=Subschema"

    // MARK: Writing names

    /// The DN of a cluster's entry.
    package func name(of cluster: ClusterID) -> String { "ou=\(cluster.text),\(base)" }
    /// The DN of the entry above a cluster's users.
    package func nameOfPeople(of cluster: ClusterID) -> String { "ou=People,\(name(of: cluster))" }
    /// The DN of the entry above a cluster's groups.
    package func nameOfGroups(of cluster: ClusterID) -> String { "ou=Group,\(name(of: cluster))" }
    /// The DN of the entry to configure as SSSD's `ldap_pwdlockout_dn`.
    package func nameOfPolicy(of cluster: ClusterID) -> String { "cn=\(Self.policyName),\(name(of: cluster))" }

    static let policyName = "ppolicy"

    /// What follows the relative names of users: the UTF-8 of a comma and the parent's name.
    func parentOfUsers(of cluster: ClusterID) -> [UInt8] { Array(",\(nameOfPeople(of: cluster))".utf8) }
    /// The same for groups.
    func parentOfGroups(of cluster: ClusterID) -> [UInt8] { Array(",\(nameOfGroups(of: cluster))".utf8) }

    // MARK: Reading names

    /// A place in the tree; the snapshot determines whether an entry exists there.
    enum DITNode: Equatable, Sendable {
        case root
        case subschema
        case base
        case cluster(ClusterID)
        case people(ClusterID)
        case groups(ClusterID)
        case policy(ClusterID)
        case user(ClusterID, name: String)
        case group(ClusterID, name: String)
        case mapEntry(ClusterID, MapPlace)
        case service(AccessKeyID)
        /// No entry can have the name; `nearest` is the nearest place above it that can exist.
        indirect case noSuchEntry(nearest: DITNode)
    }

    /// The place that a name denotes; nil if it is malformed.
    /// - Parameter text: UTF-8.
    func place(of text: ArraySlice<UInt8>) -> DITNode? {
        DistinguishedName(text).map(place)
    }

    func place(of name: DistinguishedName) -> DITNode {
        let names = name.relativeNames
        guard !names.isEmpty else { return .root }
        if names.count == 1, Self.value(of: names[0], .cn).map({ Self.areSame($0, "Subschema") }) == true {
            return .subschema
        }
        let depth = names.count - baseNames.count
        guard depth >= 0, zip(names.dropFirst(depth), baseNames).allSatisfy(Self.areSame) else {
            return .noSuchEntry(nearest: .root)
        }
        guard depth > 0 else { return .base }
        guard let unit = Self.value(of: names[depth - 1], .ou) else { return .noSuchEntry(nearest: .base) }
        if Self.areSame(unit, "Services") {
            guard depth == 2, let key = Self.value(of: names[0], .cn), let id = try? AccessKeyID(key) else {
                return .noSuchEntry(nearest: .base)
            }
            return .service(id)
        }
        guard let cluster = (try? ClusterID(unit)) ?? (try? ClusterID(unit.lowercased())) else {
            return .noSuchEntry(nearest: .base)
        }
        guard depth > 1 else { return .cluster(cluster) }
        if depth == 2, Self.value(of: names[0], .cn).map({ Self.areSame($0, Self.policyName) }) == true {
            return .policy(cluster)
        }
        let branch = Self.value(of: names[depth - 2], .ou)
        let isPeople = branch.map { Self.areSame($0, "People") } ?? false
        guard isPeople || branch.map({ Self.areSame($0, "Group") }) ?? false else {
            guard let place = try? MapPlace(names[..<(depth - 1)]) else {
                return .noSuchEntry(nearest: .cluster(cluster))
            }
            return .mapEntry(cluster, place)
        }
        let above = isPeople ? DITNode.people(cluster) : .groups(cluster)
        guard depth > 2 else { return above }
        let leaf = names[depth - 3]
        guard depth == 3,
            let value = Self.value(of: leaf, .cn) ?? (isPeople ? Self.value(of: leaf, .uid) : nil)
        else { return .noSuchEntry(nearest: above) }
        return isPeople ? .user(cluster, name: value) : .group(cluster, name: value)
    }

    /// The DN of a place.
    func text(of place: DITNode) -> String {
        switch place {
        case .root: ""
        case .subschema: Self.subschemaName
        case .base: base
        case .cluster(let cluster): name(of: cluster)
        case .people(let cluster): nameOfPeople(of: cluster)
        case .groups(let cluster): nameOfGroups(of: cluster)
        case .policy(let cluster): nameOfPolicy(of: cluster)
        case .user(let cluster, let name):
            "\(naming.rawValue)=\(NameEscaping.escaped(name)),\(nameOfPeople(of: cluster))"
        case .group(let cluster, let name): "cn=\(NameEscaping.escaped(name)),\(nameOfGroups(of: cluster))"
        case .mapEntry(let cluster, let place): "\(place.text),\(name(of: cluster))"
        case .service(let id): "cn=\(id),ou=Services,\(base)"
        case .noSuchEntry(let above): text(of: above)
        }
    }

    /// The value of a relative name that consists of one attribute of that type.
    private static func value(of name: DistinguishedName.RelativeName, _ type: AttributeType) -> String? {
        guard name.count == 1, AttributeType(name[0].name) == type else { return nil }
        return name[0].value
    }

    /// Whether two relative names match: attributes by any of their names, values ignoring case.
    static func areSame(_ left: DistinguishedName.RelativeName, _ right: DistinguishedName.RelativeName) -> Bool {
        left.count == right.count
            && left.allSatisfy { one in
                right.contains { other in
                    (one.name == other.name || areSameType(one.name, other.name)) && areSame(one.value, other.value)
                }
            }
    }

    private static func areSameType(_ left: String, _ right: String) -> Bool {
        guard let type = AttributeType(left) else { return false }
        return type == AttributeType(right)
    }

    private static func areSame(_ left: String, _ right: String) -> Bool {
        var left = left
        return left.withUTF8 { TextComparison(ignoresCase: true, ignoresSpaces: true).areEqual($0, right) }
    }
}
