import NIOCore
import Roster

/// An entry whose attributes are at hand: every one but a user's.
struct FixedEntry: Sendable {
    let name: String
    private let values: [(type: AttributeType, values: [String])]
    /// The attributes of its name, from itself up to the root.
    let nameAttributes: [(type: AttributeType, value: String)]

    init(name: String, _ values: [(AttributeType, [String])]) {
        self.name = name
        self.values = values.filter { !$0.1.isEmpty }
        let parsed = DistinguishedName(Array(name.utf8)[...])
        nameAttributes = (parsed?.relativeNames ?? []).joined().compactMap { attribute in
            AttributeType(Array(attribute.name.utf8)[...]).map { ($0, attribute.value) }
        }
    }

    func values(of type: AttributeType) -> [String] { values.first { $0.type == type }?.values ?? [] }

    /// Writes the entry as one answer to the search `id`.
    func write(_ id: Int32, _ selection: Selection, to writer: inout ResponseWriter) {
        writer.entry(id) { writer in
            writer.octets(name)
        } attributes: { writer in
            for (type, values) in values where selection.contains(type) {
                writer.attribute(type) { writer in
                    guard !selection.typesOnly else { return }
                    for value in values { writer.octets(value) }
                }
            }
        }
    }
}

extension ResponseWriter {
    /// `PartialAttribute ::= SEQUENCE { type AttributeDescription, vals SET OF value AttributeValue }`
    mutating func attribute(_ type: AttributeType, values: (inout ResponseWriter) -> Void) {
        let attribute = begin(0x30)
        octets(type.name)
        let set = begin(0x31)
        values(&self)
        end(set)
        end(attribute)
    }

    /// An attribute with one value.
    mutating func attribute(_ type: AttributeType, _ value: UnsafeBufferPointer<UInt8>) {
        let name = type.name
        let valueLength = value.count + (value.count < 0x80 ? 2 : 6)
        let setLength = valueLength + (valueLength < 0x80 ? 2 : 6)
        header(0x30, length: 2 + name.utf8.count + setLength)
        octets(name)
        header(0x31, length: valueLength)
        octets(value)
    }

    mutating func attribute(_ type: AttributeType, _ value: String) {
        var value = value
        value.withUTF8 { attribute(type, $0) }
    }

    mutating func attribute(_ type: AttributeType, number: Int64) {
        attribute(type) { $0.octets(number: number) }
    }
}

extension Tree {
    /// What every entry below the base has besides its own.
    private func operational(
        _ name: String, _ structural: ObjectClass, id: String? = nil, hasSubordinates: Bool, created: Timestamp? = nil
    ) -> [(AttributeType, [String])] {
        [
            (.structuralObjectClass, [structural.rawValue]), (.entryUUID, [EntryUUID(entry: id ?? name).text]),
            (.entryDN, [name]), (.createTimestamp, created.map { [$0.generalizedTime] } ?? []),
            (.hasSubordinates, [hasSubordinates ? "TRUE" : "FALSE"]), (.subschemaSubentry, [Self.subschemaName]),
        ]
    }

    var baseEntry: FixedEntry {
        let kind: ObjectClass =
            switch baseAttribute {
            case .dc: .domain
            case .o: .organization
            case .c: .country
            default: .organizationalUnit
            }
        return FixedEntry(
            name: base,
            [(.objectClass, ["top", kind.rawValue]), (baseAttribute, [baseValue])]
                + operational(base, kind, hasSubordinates: true))
    }

    func entry(of cluster: Cluster) -> FixedEntry {
        let name = name(of: cluster.id)
        let texts = [cluster.name == cluster.id.text ? "" : cluster.name, cluster.description].filter { !$0.isEmpty }
        return FixedEntry(
            name: name,
            [
                (.objectClass, ["top", "organizationalUnit"]), (.ou, [cluster.id.text]), (.description, texts),
            ] + operational(name, .organizationalUnit, hasSubordinates: true, created: cluster.createTime))
    }

    func unitEntry(_ unit: String, of cluster: Cluster, hasSubordinates: Bool) -> FixedEntry {
        let name = "ou=\(unit),\(name(of: cluster.id))"
        return FixedEntry(
            name: name,
            [(.objectClass, ["top", "organizationalUnit"]), (.ou, [unit])]
                + operational(
                    name, .organizationalUnit, hasSubordinates: hasSubordinates, created: cluster.createTime))
    }

    /// - Parameter members: the names of the members that may be seen.
    func entry(of group: Group, members: [String]) -> FixedEntry {
        let name = text(of: .group(group.cluster, name: group.name))
        return FixedEntry(
            name: name,
            [
                (.objectClass, ["top", "posixGroup"]), (.cn, [group.name]), (.gidNumber, ["\(group.gidNumber)"]),
                (.memberUid, members),
            ]
                + operational(
                    name, .posixGroup, id: "group \(group.cluster) \(group.gidNumber)", hasSubordinates: false))
    }

    /// The entry that tells what the server can do; readable without a bind.
    func rootEntry(offersTLS: Bool) -> FixedEntry {
        FixedEntry(
            name: "",
            [
                (.objectClass, ["top"]), (.structuralObjectClass, ["top"]), (.namingContexts, [base]),
                (.subschemaSubentry, [Self.subschemaName]), (.supportedLDAPVersion, ["3"]),
                (.supportedControl, [PagedResults.type]),
                (
                    .supportedExtension,
                    (offersTLS ? [ExtendedRequest.startTLS] : []) + [ExtendedRequest.whoAmI]
                ),
                // All operational attributes by "+" (RFC 3673), absolute true and false filters (RFC 4526).
                (.supportedFeatures, ["1.3.6.1.4.1.4203.1.5.1", "1.3.6.1.4.1.4203.1.5.3"]),
                (.vendorName, ["Roster"]),
            ])
    }

    /// The entry that describes the entries (RFC 4512 section 4.2); readable without a bind.
    static let subschemaEntry = FixedEntry(
        name: subschemaName,
        [
            (.objectClass, ["top", "subentry", "subschema"]), (.cn, ["Subschema"]),
            (.structuralObjectClass, ["subentry"]), (.subschemaSubentry, [subschemaName]),
            (.objectClasses, ObjectClass.allCases.map(\.description)),
            (.attributeTypes, AttributeType.allCases.map(\.description)),
            (.ldapSyntaxes, Syntax.allCases.map { "( \($0.rawValue) )" }),
            (
                .matchingRules,
                MatchingRule.allCases.map { "( \($0.oid) NAME '\($0.rawValue)' SYNTAX \($0.syntax.rawValue) )" }
            ),
        ])
}
