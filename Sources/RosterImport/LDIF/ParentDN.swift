import RosterModel

/// The parent of an entry in the tree, and what it tells about the entry.
///
/// Neighboring entries usually share their parent, and parsing it took a quarter of all time: keep the last one.
struct ParentDN {
    /// The parent's DN as in the file; nil for the root.
    let text: ArraySlice<UInt8>?
    /// The parent's DN, its own relative name first.
    let relativeNames: [DistinguishedName.RelativeName]
    /// The nearest cluster whose `ou` is above `ou=People`; nil if there is none.
    let clusterOfPeople: String?
    /// The nearest cluster whose `ou` is above the entry.
    let cluster: String?

    /// Parses a DN; nil if it is malformed.
    init?(parent text: ArraySlice<UInt8>?) {
        guard let name = DistinguishedName(text ?? []) else { return nil }
        self.text = text
        relativeNames = name.relativeNames
        let units = name.relativeNames.map { attributes in
            attributes.filter { Self.unitNames.contains($0.name) }.map(\.value)
        }
        let people = units.firstIndex { $0.contains { Username.key(of: $0) == "people" } }
        cluster = Self.nearestCluster(in: units[...])
        clusterOfPeople = people.flatMap { Self.nearestCluster(in: units[($0 + 1)...]) }
    }

    /// The names of the attribute that names units and clusters.
    static let unitNames: Set<String> = ["ou", "organizationalunitname", "2.5.4.11"]

    private static func nearestCluster(in units: ArraySlice<[String]>) -> String? {
        for unit in units.joined() {
            if let cluster = try? ClusterID(unit) { return cluster.text }
        }
        return nil
    }
}
