import RosterModel
import RosterSnapshot

/// A map entry as an entry of LDAP.
struct MapEntryView {
    let entry: MapEntry
    let tree: DirectoryInformationTree
    let maps: ClusterMaps

    /// The object classes of a kind of entries.
    static func objectClasses(of kind: MapEntry.Kind) -> [ObjectClass] { [.top, kind.objectClass] }

    /// The attributes that entries of a kind may have, besides operational ones.
    private static let attributes = Dictionary(
        uniqueKeysWithValues: MapEntry.Kind.allCases.map { kind in
            (kind, Schema.standard.attributes(of: objectClasses(of: kind)))
        })

    /// The kinds whose entries may match the filter. Decided without reading any entry, because most searches are about
    /// users.
    static func kinds(thatMayMatch filter: SearchFilter) -> Set<MapEntry.Kind> {
        Set(
            MapEntry.Kind.allCases.filter { kind in
                !filter.isNever(of: objectClasses(of: kind), having: attributes[kind] ?? AttributeSet())
            })
    }

    /// The attributes of the schema that map entries have.
    private static let types: [(type: AttributeType, attribute: MapAttribute)] = Schema.standard.allTypes.compactMap {
        type in
        MapAttribute(rawValue: type.name).map { (type, $0) }
    }

    private static let attributeOfType = Dictionary(uniqueKeysWithValues: types.map { ($0.type, $0.attribute) })

    var name: String { tree.text(of: .mapEntry(entry.cluster, entry.place)) }

    /// The complete entry.
    private var whole: StaticEntry {
        var own: [(AttributeType, [String])] = [
            (.objectClass, Self.objectClasses(of: entry.kind).map(\.rawValue))
        ]
        for (type, attribute) in Self.types {
            let values = entry.attributes[attribute]
            if !values.isEmpty { own.append((type, values)) }
        }
        own.append((.modifyTimestamp, [entry.updateTime.generalizedTime]))
        return StaticEntry(
            name: name, own,
            operational: .init(
                structural: entry.kind.objectClass,
                hasSubordinates: maps.hasEntries(below: entry.place.key), created: entry.createTime))
    }

    /// Writes the entry as a SearchResultEntry of the search `id`.
    func write(id: Int32, selection: AttributeSelection, to writer: inout ResponseWriter) {
        whole.write(id: id, selection: selection, to: &writer)
    }
}

/// Every filter item about a map entry is decided at once. Its own attributes are read where they are stored.
extension MapEntryView: FilterTarget {
    /// Nil for attributes that the entry does not store: operational ones, and those of other entries.
    private func values(of type: AttributeType) -> [String]? {
        Self.attributeOfType[type].map { entry.attributes[$0] }
    }

    func presence(of type: AttributeType) -> Filter {
        values(of: type).map { .constant(Truth(!$0.isEmpty)) } ?? whole.presence(of: type)
    }

    func comparison(
        _ comparison: Filter.Comparison, of type: AttributeType, with value: AssertedValue, under rule: MatchingRule
    ) -> Filter {
        guard let values = values(of: type) else {
            return whole.comparison(comparison, of: type, with: value, under: rule)
        }
        return .constant(Truth(values.contains { rule.compares($0, comparison, with: value) }))
    }

    func substring(_ substring: Filter.Substring, of type: AttributeType) -> Filter {
        guard let values = values(of: type) else { return whole.substring(substring, of: type) }
        let ignoresCase = type.definition.equality?.textRule?.ignoresCase ?? false
        return .constant(Truth(substring.isIn(anyOf: values, ignoresCase: ignoresCase)))
    }

    func nameComparison(of type: AttributeType, with value: AssertedValue, under rule: MatchingRule) -> Filter {
        StaticEntry(name: name, []).nameComparison(of: type, with: value, under: rule)
    }
}

extension MapEntry.Kind {
    /// The structural class of entries of the kind.
    var objectClass: ObjectClass {
        switch self {
        case .organizationalUnit: .organizationalUnit
        case .nsContainer: .nsContainer
        case .sudoRole: .sudoRole
        case .automountMap: .automountMap
        case .automount: .automount
        case .nisNetgroup: .nisNetgroup
        }
    }
}
