/// Where a map entry stands below its cluster's base: the relative names of its DN (RFC 4514), its own first.
package struct MapPlace: Sendable, Hashable {
    /// One step: an attribute and its value.
    package struct RelativeName: Sendable, Hashable {
        package let attribute: MapAttribute
        package let value: String
    }

    package let relativeNames: [RelativeName]
    /// The same for all spellings of one place. It begins with the key of the entry above and a line break, so that in the order
    /// of keys what is below an entry follows it.
    package let key: Key

    /// The most steps, the most bytes of a value, and the most bytes of all together: a database indexes them.
    package static let maximumDepth = 8
    package static let maximumValueBytes = 255
    package static let maximumBytes = 2000

    /// What identifies a place. Compared by its bytes.
    package struct Key: Sendable, Hashable, Comparable {
        private let bytes: [UInt8]

        /// A key as a store has it.
        package init(stored text: String) {
            bytes = Array(text.utf8)
        }

        package var text: String { String(decoding: bytes, as: UTF8.self) }

        package static func < (left: Key, right: Key) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

        /// Whether the place is below that of `other`, at any depth.
        package func isBelow(_ other: Key) -> Bool {
            bytes.count > other.bytes.count && bytes[other.bytes.count] == UInt8(ascii: "\n")
                && bytes.starts(with: other.bytes)
        }
    }

    /// - Throws: `invalidParameter` for `place` where the names are none of a map entry, or those of the users and groups.
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

    /// Reads the text of a DN below the cluster's base, `cn=admins,ou=sudoers`.
    /// - Throws: `invalidParameter` for `place`.
    package init(text: String) throws(RosterError) {
        guard let name = DistinguishedName(Array(text.utf8)[...]) else {
            throw .invalid("place", "is no distinguished name (RFC 4514)")
        }
        try self.init(name.relativeNames)
    }

    /// A place as a store has it, which was checked when it was made.
    package init(stored text: String) {
        let names = DistinguishedName(Array(text.utf8)[...])?.relativeNames ?? []
        self.init(
            names.compactMap { name in
                name.first.flatMap { first in
                    MapAttribute(name: first.name).map { RelativeName(attribute: $0, value: first.value) }
                }
            })
    }

    /// The units of users and groups and the policy of passwords, which no map entry takes the place of.
    private static let reserved: [(MapAttribute, String)] = [
        (.unit, "People"), (.unit, "Group"), (.commonName, "ppolicy"),
    ]

    /// The names as the text of a DN.
    package var text: String {
        relativeNames.map { "\($0.attribute.name)=\(NameEscaping.escaped($0.value))" }.joined(separator: ",")
    }

    /// The place of the entry above; nil where that is the cluster's own.
    package var parent: MapPlace? { relativeNames.count > 1 ? MapPlace(Array(relativeNames.dropFirst())) : nil }

    /// The error where no entry is here.
    package func missing(in cluster: ClusterID) -> RosterError {
        RosterError(.notFound, .parameter("place"), "no entry \(text.sanitizedForDisplay()) in cluster \(cluster)")
    }
}

extension MapAttribute {
    /// Whether two values are the same under the attribute's rule.
    package func areSame(_ left: String, _ right: String) -> Bool { comparable(left) == comparable(right) }

    /// What counts of a value where it is compared.
    fileprivate func comparable(_ value: String) -> String {
        let rule = TextComparison(ignoresCase: !isCaseExact, ignoresSpaces: true)
        return String(decoding: rule.prepared(value), as: UTF8.self)
    }
}
