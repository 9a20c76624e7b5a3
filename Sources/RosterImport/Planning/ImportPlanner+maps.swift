import RosterModel
import RosterStore

// Plans the map entries of a file. As with groups, an entry that cannot be imported is left out, and a diagnostic says
// why.
extension ImportPlanner {
    /// Plans the map entries of the file.
    /// - Parameter plan: has all new clusters; the entries are added to it.
    func planMaps(_ plan: inout ImportPlan, basis: ImportBasis, now: Timestamp) {
        guard !file.mapEntries.isEmpty else { return }
        let clusters = Set((basis.clusters + plan.newClusters).lazy.filter { $0.zone == options.zone }.map(\.id))
        var planner = MapPlanner(basis: basis, onlyNew: options.onlyNew, now: now)
        var units: [MapEntry.Key: (line: Int, entry: MapEntry)] = [:]
        for imported in file.mapEntries {
            do throws(PlanningError) {
                let cluster = try cluster(named: imported.cluster)
                guard clusters.contains(cluster) else {
                    throw .refused("no cluster \(cluster) in this zone; it is left out")
                }
                let (entry, isBelowCluster) = try PlanningError.refusing { () throws(RosterError) in
                    let (place, isBelowCluster) = try place(of: imported, in: cluster)
                    let entry = try MapEntry(
                        cluster: cluster, kind: imported.kind, place: place, attributes: imported.attributes, time: now)
                    return (entry, isBelowCluster)
                }
                // A site's unit is imported only if it contains map entries, a unit of Roster's own tree always.
                if imported.kind.isUnit, !isBelowCluster {
                    units[entry.key] = (imported.line, entry)
                } else {
                    try planner.plan(entry, line: imported.line)
                }
            } catch {
                // Most units contain users and groups and are not expected among the maps.
                guard !imported.kind.isUnit else { continue }
                let name = imported.relativeNames.first?.first?.value ?? ""
                plan.diagnostics.append(
                    ImportDiagnostic(
                        line: imported.line,
                        "\(imported.kind.rawValue) \(name.sanitizedForDisplay()): \(error.message)"))
            }
        }
        planner.addUnits(units)
        plan.mapItems = planner.items.values.sorted { ($0.line, $0.entry.place.key) < ($1.line, $1.entry.place.key) }
        plan.diagnostics += planner.diagnostics
    }

    /// The place of an entry: below the cluster's entry if the DN has one, otherwise below the site's; and whether it
    /// has one.
    private func place(
        of entry: ImportFile.ImportedMapEntry, in cluster: ClusterID
    ) throws(RosterError) -> (place: MapPlace, isBelowCluster: Bool) {
        var names = entry.relativeNames[...]
        if let base = options.mapBase {
            guard names.count >= base.relativeNames.count,
                zip(names.suffix(base.relativeNames.count), base.relativeNames).allSatisfy(Self.areSame)
            else { throw .invalid("dn", "is not below the base that was given; it is left out") }
            names.removeLast(base.relativeNames.count)
        } else {
            while let last = names.last, last.allSatisfy({ Self.siteAttributes.contains($0.name) }) {
                names.removeLast()
            }
        }
        // As Roster writes it, regardless of the base.
        guard
            let top = names.lastIndex(where: { attributes in
                attributes.count == 1 && ParentDN.unitNames.contains(attributes[0].name)
                    && Username.key(of: attributes[0].value) == Username.key(of: cluster.text)
            })
        else { return (try MapPlace(names), false) }
        return (try MapPlace(names[..<top]), true)
    }

    private static let siteAttributes: Set<String> = [
        "dc", "domaincomponent", "0.9.2342.19200300.100.1.25", "o", "organizationname", "2.5.4.10", "c", "countryname",
        "2.5.4.6",
    ]

    private static func areSame(_ left: DistinguishedName.RelativeName, _ right: DistinguishedName.RelativeName) -> Bool
    {
        left.count == right.count
            && zip(left, right).allSatisfy { $0.name == $1.name && FoldedText($0.value) == FoldedText($1.value) }
    }
}

/// Plans map entries one by one against the directory and the entries planned before.
private struct MapPlanner {
    private(set) var items: [MapEntry.Key: ImportPlan.MapItem] = [:]
    private(set) var diagnostics: [ImportDiagnostic] = []
    private var present: [MapEntry.Key: MapEntry] = [:]
    private var counts: [ClusterID: Int] = [:]
    private let onlyNew: Bool
    private let now: Timestamp

    init(basis: ImportBasis, onlyNew: Bool, now: Timestamp) {
        self.onlyNew = onlyNew
        self.now = now
        for entry in basis.mapEntries {
            present[entry.key] = entry
            counts[entry.cluster, default: 0] += 1
        }
    }

    /// Plans an entry.
    /// - Throws: why the entry is left out.
    mutating func plan(_ entry: MapEntry, line: Int) throws(ImportPlanner.PlanningError) {
        if let other = items[entry.key] { throw .conflicting("it is also in line \(other.line); it is left out") }
        guard let before = present[entry.key] else {
            guard counts[entry.cluster, default: 0] < MapEntry.maximumCount else {
                throw .refused("a cluster has \(MapEntry.maximumCount) map entries at most; it is left out")
            }
            counts[entry.cluster, default: 0] += 1
            items[entry.key] = .init(line: line, entry: entry, verdict: .new)
            return
        }
        guard !onlyNew, !before.hasSameContent(as: entry) else {
            items[entry.key] = .init(line: line, entry: before, verdict: .unchanged)
            return
        }
        var changed = entry
        changed.createTime = before.createTime
        items[entry.key] = .init(line: line, entry: changed, verdict: .changed)
    }

    /// Adds the parents of the planned entries: from the file, or newly created if neither the file nor the directory
    /// has them. An entry whose parent cannot be created is left out.
    mutating func addUnits(_ units: [MapEntry.Key: (line: Int, entry: MapEntry)]) {
        for item in items.values.sorted(by: { $0.entry.place.key < $1.entry.place.key }) {
            do throws(ImportPlanner.PlanningError) {
                try addUnit(above: item.entry, line: item.line, units)
            } catch {
                items[item.entry.key] = nil
                diagnostics.append(
                    ImportDiagnostic(
                        line: item.line,
                        "\(item.entry.kind.rawValue) \(item.entry.place.text.sanitizedForDisplay()): \(error.message)"))
            }
        }
    }

    private mutating func addUnit(
        above entry: MapEntry, line: Int, _ units: [MapEntry.Key: (line: Int, entry: MapEntry)]
    ) throws(ImportPlanner.PlanningError) {
        guard let place = entry.place.parent else { return }
        let key = MapEntry.Key(cluster: entry.cluster, place: place.key)
        if items[key] != nil { return }
        if let (line, unit) = units[key] {
            try addUnit(above: unit, line: line, units)
            return try plan(unit, line: line)
        }
        if present[key] != nil { return }
        let kind: MapEntry.Kind? =
            switch place.relativeNames[0].attribute {
            case .unit: .organizationalUnit
            case .commonName: .nsContainer
            case .automountMapName: .automountMap
            default: nil
            }
        guard let kind else { throw .refused("the entry above it is not there; it is left out") }
        let unit = try ImportPlanner.PlanningError.refusing { () throws(RosterError) in
            try MapEntry(cluster: entry.cluster, kind: kind, place: place, attributes: MapAttributes(), time: now)
        }
        try addUnit(above: unit, line: line, units)
        try plan(unit, line: line)
    }
}
