/// The place of a map entry: the relative names of its DN (RFC 4514) below its cluster's entry, its own first.
package struct MapPlace: Sendable, Hashable {
    /// A relative name: one attribute and its value.
    package struct RelativeName: Sendable, Hashable {
        package let attribute: MapAttribute
        package let value: String
    }

    package let relativeNames: [RelativeName]
    /// The same for all spellings of a place. A key begins with the key of the parent and a line break, so that in key
    /// order an entry's descendants follow it.
    package let key: Key

    /// The maximum number of relative names, of bytes of a value, and of bytes of the whole place: a database indexes
    /// it.
    package static let maximumDepth = 8
    package static let maximumValueBytes = 255
    package static let maximumBytes = 2000

    /// The identity of a place, compared by its bytes.
    package struct Key: Sendable, Hashable, Comparable {
        private let bytes: [UInt8]

        /// Creates a key from a store.
        package init(stored text: String) {
            bytes = Array(text.utf8)
        }

        package var text: String { String(decoding: bytes, as: UTF8.self) }

        package static func < (left: Key, right: Key) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

        /// Whether the place is a descendant of `other`, at any depth.
        package func isBelow(_ other: Key) -> Bool {
            bytes.count > other.bytes.count && bytes[other.bytes.count] == UInt8(ascii: "\n")
                && bytes.starts(with: other.bytes)
        }
    }

    /// Creates a place from relative names, the entry's own first.
    /// - Throws: `invalidParameter` for `place` if there are no names or too many, if one is too long or is not a
    ///   single attribute of a map entry, or if the place is at or below an entry of the cluster's own; for the
    ///   attribute if its value is malformed.
    package init(_ names: some Collection<DistinguishedName.RelativeName>) throws(RosterError) {
        guard !names.isEmpty else { throw .invalid("place", "names the base itself") }
        guard names.count <= Self.maximumDepth else {
            throw .invalid("place", "has more than \(Self.maximumDepth) relative names")
        }
        var steps: [RelativeName] = []
        for name in names {
            guard name.count == 1, let attribute = MapAttribute(name: name[0].name) else {
                throw .invalid("place", "a relative name is not one attribute of a map entry")
            }
            let value = name[0].value
            try attribute.check(value)
            guard value.utf8.count <= Self.maximumValueBytes else {
                throw .invalid("place", "a relative name is longer than \(Self.maximumValueBytes) bytes")
            }
            steps.append(RelativeName(attribute: attribute, value: value))
        }
        if let top = steps.last,
            Self.reserved.contains(where: { $0 == top.attribute && top.attribute.areSame(top.value, $1) })
        {
            throw .invalid("place", "ou=People, ou=Group and cn=ppolicy are the cluster's own entries")
        }
        self.init(steps)
        guard key.text.utf8.count <= Self.maximumBytes, text.utf8.count <= Self.maximumBytes else {
            throw .invalid("place", "is longer than \(Self.maximumBytes) bytes")
        }
    }

    private init(_ steps: [RelativeName]) {
        relativeNames = steps
        key = Key(
            stored: steps.reversed().map { "\($0.attribute.name)=\($0.attribute.comparable($0.value))" }
                .joined(separator: "\n"))
    }

    /// Parses a DN relative to the cluster's entry, such as `cn=admins,ou=sudoers`.
    /// - Throws: `invalidParameter`.
    package init(text: String) throws(RosterError) {
        guard let name = DistinguishedName(Array(text.utf8)[...]) else {
            throw .invalid("place", "is no distinguished name (RFC 4514)")
        }
        try self.init(name.relativeNames)
    }

    /// Creates a place from a store, which was checked when it was first created.
    package init(stored text: String) {
        let names = DistinguishedName(Array(text.utf8)[...])?.relativeNames ?? []
        self.init(
            names.compactMap { name in
                name.first.flatMap { first in
                    MapAttribute(name: first.name).map { RelativeName(attribute: $0, value: first.value) }
                }
            })
    }

    /// The entries of users, groups and the password policy, which no map entry may replace.
    private static let reserved: [(MapAttribute, String)] = [
        (.unit, "People"), (.unit, "Group"), (.commonName, "ppolicy"),
    ]

    /// The place as the text of a DN.
    package var text: String {
        relativeNames.map { "\($0.attribute.name)=\(NameEscaping.escaped($0.value))" }.joined(separator: ",")
    }

    /// The place of the parent entry; nil if that is the cluster's own entry.
    package var parent: MapPlace? { relativeNames.count > 1 ? MapPlace(Array(relativeNames.dropFirst())) : nil }

    /// The error to throw if `cluster` has no entry at this place.
    package func missing(in cluster: ClusterID) -> RosterError {
        RosterError(.notFound, .parameter("place"), "no entry \(text.sanitizedForDisplay()) in cluster \(cluster)")
    }
}

extension MapAttribute {
    /// Whether two values are equal under the attribute's matching rule.
    package func areSame(_ left: String, _ right: String) -> Bool { comparable(left) == comparable(right) }

    /// The form of a value that is compared.
    fileprivate func comparable(_ value: String) -> String {
        let rule = TextComparison(ignoresCase: !isCaseExact, ignoresSpaces: true)
        return String(decoding: rule.prepared(value), as: UTF8.self)
    }
}
