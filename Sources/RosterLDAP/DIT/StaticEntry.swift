import NIOCore
import RosterModel
import RosterSnapshot

/// An entry whose attributes are all at hand: every entry except those of users and groups.
struct StaticEntry: Sendable {
    let name: String
    private let own: [(type: AttributeType, values: [String])]
    /// Nil if all attributes are in `own`.
    private let operational: OperationalAttributes?

    /// The attributes that the server maintains for an entry. Built only on request, because most searches skip them.
    struct OperationalAttributes: Sendable {
        let structural: ObjectClass
        let hasSubordinates: Bool
        var created: Timestamp?
    }

    init(name: String, _ own: [(AttributeType, [String])], operational: OperationalAttributes? = nil) {
        self.name = name
        self.own = own
        self.operational = operational
    }

    /// The attributes of its DN, from its own relative name up to the root.
    var nameAttributes: [(type: AttributeType, value: String)] {
        let parsed = DistinguishedName(Array(name.utf8)[...])
        return (parsed?.relativeNames ?? []).joined().compactMap { attribute in
            AttributeType(attribute.name).map { ($0, attribute.value) }
        }
    }

    func values(of type: AttributeType) -> [String] {
        own.first { $0.type == type }?.values ?? operationalValues(of: type)
    }

    private static let operationalTypes: [AttributeType] = [
        .structuralObjectClass, .entryUUID, .entryDN, .createTimestamp, .hasSubordinates, .subschemaSubentry,
    ]

    private func operationalValues(of type: AttributeType) -> [String] {
        guard let operational else { return [] }
        return switch type {
        case .structuralObjectClass: [operational.structural.rawValue]
        case .entryUUID: [EntryUUID(entry: name).text]
        case .entryDN: [name]
        case .createTimestamp: operational.created.map { [$0.generalizedTime] } ?? []
        case .hasSubordinates: [operational.hasSubordinates ? "TRUE" : "FALSE"]
        case .subschemaSubentry: [DirectoryInformationTree.subschemaName]
        default: []
        }
    }

    /// Writes the entry as a SearchResultEntry of the search `id`.
    func write(id: Int32, selection: AttributeSelection, to writer: inout ResponseWriter) {
        writer.entry(id) { writer in
            writer.octets(name)
        } attributes: { writer in
            for (type, values) in own where selection.contains(type) {
                Self.write(type, values: values, selection: selection, to: &writer)
            }
            for type in Self.operationalTypes where operational != nil && selection.contains(type) {
                Self.write(type, values: operationalValues(of: type), selection: selection, to: &writer)
            }
        }
    }

    private static func write(
        _ type: AttributeType, values: [String], selection: AttributeSelection, to writer: inout ResponseWriter
    ) {
        guard !values.isEmpty else { return }
        writer.attribute(type) { writer in
            guard !selection.typesOnly else { return }
            for value in values { writer.octets(value) }
        }
    }
}

extension ResponseWriter {
    /// `PartialAttribute ::= SEQUENCE { type AttributeDescription, vals SET OF value AttributeValue }`
    mutating func attribute(_ type: AttributeType, values: (inout ResponseWriter) -> Void) {
        attribute(named: type.name, values: values)
    }

    mutating func attribute(named name: String, values: (inout ResponseWriter) -> Void) {
        let attribute = begin(0x30)
        octets(name)
        let set = begin(0x31)
        values(&self)
        end(set)
        end(attribute)
    }

    /// An attribute with one value.
    mutating func attribute(_ type: AttributeType, _ value: UnsafeBufferPointer<UInt8>) {
        let valueLength = value.count + (value.count < 0x80 ? 2 : 6)
        let setLength = valueLength + (valueLength < 0x80 ? 2 : 6)
        let name = type.encodedName
        write(atMost: name.count + setLength + 6) { place in
            place.header(0x30, length: name.count + setLength)
            name.withUnsafeBufferPointer { place.bytes($0) }
            place.header(0x31, length: valueLength)
            place.header(0x04, length: value.count)
            place.bytes(value)
        }
    }

    mutating func attribute(_ type: AttributeType, _ value: String) {
        var value = value
        value.withUTF8 { attribute(type, $0) }
    }

    mutating func attribute(_ type: AttributeType, number: Int64) {
        DecimalDigits.withText(of: number) { attribute(type, $0) }
    }
}

extension DirectoryInformationTree {
    var baseEntry: StaticEntry {
        let kind: ObjectClass =
            switch baseAttribute {
            case .dc: .domain
            case .o: .organization
            case .c: .country
            default: .organizationalUnit
            }
        return StaticEntry(
            name: base,
            [(.objectClass, ["top", kind.rawValue]), (baseAttribute, [baseValue])],
            operational: .init(structural: kind, hasSubordinates: true))
    }

    func entry(of cluster: Cluster) -> StaticEntry {
        let name = name(of: cluster.id)
        let texts = [cluster.name == cluster.id.text ? "" : cluster.name, cluster.description].filter { !$0.isEmpty }
        return StaticEntry(
            name: name,
            [
                (.objectClass, ["top", "organizationalUnit"]), (.ou, [cluster.id.text]), (.description, texts),
            ],
            operational: .init(structural: .organizationalUnit, hasSubordinates: true, created: cluster.createTime))
    }

    func unitEntry(_ unit: String, of cluster: Cluster, hasSubordinates: Bool) -> StaticEntry {
        let name = "ou=\(unit),\(name(of: cluster.id))"
        return StaticEntry(
            name: name,
            [(.objectClass, ClusterEntry.people.objectClasses.map(\.rawValue)), (.ou, [unit])],
            operational: .init(
                structural: .organizationalUnit, hasSubordinates: hasSubordinates, created: cluster.createTime))
    }

    func policyEntry(of cluster: Cluster) -> StaticEntry {
        StaticEntry(
            name: nameOfPolicy(of: cluster.id),
            [
                (.objectClass, ClusterEntry.policy.objectClasses.map(\.rawValue)), (.cn, [Self.policyName]),
                (.pwdAttribute, [AttributeType.userPassword.name]), (.pwdLockout, ["TRUE"]),
            ],
            operational: .init(structural: .device, hasSubordinates: false, created: cluster.createTime))
    }

    /// The root entry, which describes what the server supports; readable without a bind.
    func rootEntry(offersTLS: Bool) -> StaticEntry {
        StaticEntry(
            name: "",
            [
                (.objectClass, ["top"]), (.structuralObjectClass, ["top"]), (.namingContexts, [base]),
                (.subschemaSubentry, [Self.subschemaName]), (.supportedLDAPVersion, ["3"]),
                (.supportedControl, Request.controlsOfSearches),
                (
                    .supportedExtension,
                    (offersTLS ? [ExtendedRequest.startTLS] : [])
                        + [ExtendedRequest.modifyPassword, ExtendedRequest.whoAmI]
                ),
                // All operational attributes with "+" (RFC 3673), absolute true and false filters (RFC 4526).
                (.supportedFeatures, ["1.3.6.1.4.1.4203.1.5.1", "1.3.6.1.4.1.4203.1.5.3"]),
                (.vendorName, ["Roster"]),
            ])
    }

    /// The subschema entry, which describes the schema (RFC 4512 section 4.2); readable without a bind.
    static func subschemaEntry(of snapshot: Snapshot) -> StaticEntry {
        guard !snapshot.declarations.isEmpty else { return subschemaEntry }
        var changes = [Schema.changeTime]
        changes += snapshot.declarations.values.map { ($0.removeTime ?? $0.createTime).generalizedTime }
        return subschemaEntry(of: snapshot.attributes, changeTime: changes.max() ?? Schema.changeTime)
    }

    /// The entry of a directory in which the site declares nothing.
    private static let subschemaEntry = subschemaEntry(of: .standard, changeTime: Schema.changeTime)

    private static func subschemaEntry(of catalog: AttributeCatalog, changeTime: String) -> StaticEntry {
        StaticEntry(
            name: subschemaName,
            [
                (.objectClass, ["top", "subentry", "subschema"]), (.cn, ["Subschema"]),
                (.structuralObjectClass, ["subentry"]), (.subschemaSubentry, [subschemaName]),
                (.createTimestamp, [Schema.changeTime]), (.modifyTimestamp, [changeTime]),
                (.subtreeSpecification, ["{}"]),
                (.objectClasses, ObjectClass.allCases.map { $0.description(in: .standard, declaring: catalog) }),
                (.attributeTypes, Schema.standard.definitions.map(\.description) + declaredTypes(of: catalog)),
                (.ldapSyntaxes, Syntax.allCases.map(\.description)), (.matchingRules, MatchingRule.descriptions),
            ])
    }

    /// The definitions of declared attributes, without those that have a standard definition.
    private static func declaredTypes(of catalog: AttributeCatalog) -> [String] {
        catalog.declared.compactMap { attribute in
            guard case .declared(let declaration) = attribute, AttributeType(attribute.name) == nil
            else { return nil }
            return declaration.syntax.definition(of: declaration).description
        }
    }
}
