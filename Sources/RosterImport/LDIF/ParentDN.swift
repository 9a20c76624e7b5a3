import RosterModel

/// The place in the tree where an entry stands, and what it says about the entry.
///
/// Neighbours in a file mostly share it, and making it out was a quarter of all work: keep the last one.
struct ParentDN {
    /// The parent's name as the file has it; nil is the root.
    let text: ArraySlice<UInt8>?
    /// The parent's name, its own relative name first.
    let relativeNames: [DistinguishedName.RelativeName]
    /// The cluster whose `ou` stands above `ou=People`, the nearest one; nil where there is none.
    let clusterOfPeople: String?
    /// The nearest cluster whose `ou` stands anywhere above the entry.
    let cluster: String?

    /// Nil where the name is malformed.
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

    /// The names of the attribute that names a unit or a cluster.
    static let unitNames: Set<String> = ["ou", "organizationalunitname", "2.5.4.11"]

    private static func nearestCluster(in units: ArraySlice<[String]>) -> String? {
        for unit in units.joined() {
            if let cluster = try? ClusterID(unit) { return cluster.text }
        }
        return nil
    }
}
