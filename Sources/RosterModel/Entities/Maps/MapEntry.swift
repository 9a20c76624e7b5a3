/// An entry of a cluster's maps: a sudo rule, an automount map or one of its keys, a netgroup, or a unit that holds
/// such entries.
///
/// LDAP serves it below the entry of the cluster, at the same place as in the directory that it was imported from.
package struct MapEntry: Sendable, Equatable {
    package let cluster: ClusterID
    package let kind: Kind
    package let place: MapPlace
    package let attributes: MapAttributes
    package var createTime: Timestamp
    package var updateTime: Timestamp
    package var revision: Revision = .none

    /// The kind of an entry: its structural object class.
    package enum Kind: String, CaseIterable, Sendable {
        case organizationalUnit
        /// The container class of 389-DS and FreeIPA.
        case nsContainer
        case sudoRole
        case automountMap
        case automount
        case nisNetgroup

        /// Finds a kind by the name of its object class, ignoring ASCII case; nil for an unknown name.
        package init?(name: some StringProtocol) {
            let key = Username.key(of: name)
            guard let kind = Self.allCases.first(where: { Username.key(of: $0.rawValue) == key }) else { return nil }
            self = kind
        }

        /// Whether an entry of this kind only contains other entries.
        package var isUnit: Bool { self == .organizationalUnit || self == .nsContainer }

        /// The attributes that an entry must have.
        package var required: [MapAttribute] {
            switch self {
            case .organizationalUnit: [.unit]
            case .nsContainer, .sudoRole, .nisNetgroup: [.commonName]
            case .automountMap: [.automountMapName]
            case .automount: [.automountKey, .automountInformation]
            }
        }

        /// The attributes that an entry may have in addition to the required ones.
        package var allowed: [MapAttribute] {
            switch self {
            case .organizationalUnit: [.description]
            case .nsContainer: []
            case .sudoRole:
                [
                    .description, .sudoUser, .sudoHost, .sudoCommand, .sudoRunAs, .sudoRunAsUser, .sudoRunAsGroup,
                    .sudoOption, .sudoOrder, .sudoNotBefore, .sudoNotAfter,
                ]
            case .automountMap, .automount: [.description]
            case .nisNetgroup: [.description, .nisNetgroupTriple, .memberNisNetgroup]
            }
        }
    }

    /// The identity of an entry.
    package struct Key: Sendable, Hashable {
        package let cluster: ClusterID
        package let place: MapPlace.Key

        /// Creates a key.
        package init(cluster: ClusterID, place: MapPlace.Key) {
            self.cluster = cluster
            self.place = place
        }
    }

    package var key: Key { Key(cluster: cluster, place: place.key) }

    /// The maximum number of values of an entry, and of their bytes. A netgroup may list every node of a site.
    package static let maximumValues = 20_000
    package static let maximumBytes = 1 << 20
    /// The maximum number of entries of a cluster.
    package static let maximumCount = 50_000

    /// Creates an entry after checking its fields. Duplicate values are dropped; the value in the entry's RDN is added
    /// to its attribute if it is missing there.
    /// - Throws: `invalidParameter` for an attribute that the kind does not allow, lacks, or has with a wrong value,
    ///   and for `entry` if it has too many values or bytes.
    package init(
        cluster: ClusterID, kind: Kind, place: MapPlace, attributes given: MapAttributes, time: Timestamp
    ) throws(RosterError) {
        let own = place.relativeNames[0]
        var attributes = MapAttributes()
        let known = kind.required + kind.allowed
        for attribute in MapAttribute.allCases {
            var values = given[attribute]
            if own.attribute == attribute, !values.contains(where: { own.attribute.areSame($0, own.value) }) {
                values.append(own.value)
            }
            guard !values.isEmpty else { continue }
            guard known.contains(attribute) else {
                throw .invalid(attribute.name, "an entry of class \(kind.rawValue) does not have it")
            }
            var seen: Set<String> = []
            values = values.filter { seen.insert($0).inserted }
            guard !attribute.isSingle || values.count == 1 else { throw .invalid(attribute.name, "has several values") }
            for value in values { try attribute.check(value) }
            attributes[attribute] = values
        }
        for attribute in kind.required where attributes[attribute].isEmpty {
            throw .invalid(attribute.name, "an entry of class \(kind.rawValue) must have it")
        }
        guard attributes.count <= Self.maximumValues else {
            throw .invalid("entry", "has more than \(Self.maximumValues) values")
        }
        guard attributes.byteCount <= Self.maximumBytes else {
            throw .invalid("entry", "has values of more than \(Self.maximumBytes) bytes together")
        }
        self.init(cluster: cluster, kind: kind, place: place, stored: attributes, createTime: time, updateTime: time)
    }

    /// Creates an entry from a store, without checks.
    package init(
        cluster: ClusterID, kind: Kind, place: MapPlace, stored attributes: MapAttributes, createTime: Timestamp,
        updateTime: Timestamp
    ) {
        self.cluster = cluster
        self.kind = kind
        self.place = place
        self.attributes = attributes
        self.createTime = createTime
        self.updateTime = updateTime
    }

    /// The entry as an LDIF record (RFC 2849), including the blank line after it.
    /// - Parameter base: the DN of the cluster's entry.
    package func ldif(below base: String) -> String {
        var text = LDIFText()
        text.append("dn", Array("\(place.text),\(base)".utf8))
        text.append("objectClass", Array("top".utf8))
        text.append("objectClass", Array(kind.rawValue.utf8))
        return text.string + attributes.text + "\n"
    }

    /// Whether both entries have the same content, regardless of their times and revisions.
    package func hasSameContent(as other: MapEntry) -> Bool {
        key == other.key && kind == other.kind && place.text == other.place.text && attributes == other.attributes
    }
}

/// The attributes of a map entry, each with its values in the order given. Their text form is lines of LDIF
/// (`LDIFText`).
package struct MapAttributes: Sendable, Equatable {
    private var lists: [MapAttribute: [String]] = [:]

    /// Creates an empty set of attributes.
    package init() {}

    /// The values of an attribute; empty if the entry does not have it.
    package subscript(_ attribute: MapAttribute) -> [String] {
        get { lists[attribute] ?? [] }
        set { lists[attribute] = newValue.isEmpty ? nil : newValue }
    }

    /// The attributes that the entry has, in the order of `MapAttribute`.
    package var present: [MapAttribute] { MapAttribute.allCases.filter { lists[$0] != nil } }

    /// The number of values, and the number of their bytes.
    var count: Int { lists.values.reduce(0) { $0 + $1.count } }
    var byteCount: Int { lists.values.joined().reduce(0) { $0 + $1.utf8.count } }

    /// The text form.
    package var text: String {
        var text = LDIFText()
        for attribute in present {
            for value in self[attribute] { text.append(attribute.name, Array(value.utf8)) }
        }
        return text.string
    }

    /// Parses the text form. Attributes that only a newer version knows are skipped.
    package init(text: String) {
        var text = text
        text.withUTF8 { bytes in
            for line in LDIFText.Lines(bytes) {
                guard let attribute = MapAttribute(rawValue: String(decoding: line.name, as: UTF8.self)) else {
                    continue
                }
                _ = line.withValue { lists[attribute, default: []].append(String(decoding: $0, as: UTF8.self)) }
            }
        }
    }
}
