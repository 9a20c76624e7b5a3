import RosterModel

/// The primary groups of Active Directory: a user names its by the last number of the group's security identifier.
struct SecurityIdentifiers {
    /// The gid of a group by its identifier.
    private var gids: [[UInt8]: UInt32] = [:]
    /// The records that have no gid of their own, by the identifier of their primary group.
    private var records: [[UInt8]: (number: UInt32, places: [Int])] = [:]

    mutating func add(group identifier: ArraySlice<UInt8>, gidNumber: UInt32) {
        gids[Array(identifier)] = gidNumber
    }

    /// - Parameters:
    /// - place: of the user's record in the file.
    /// - identifier: of the user; its domain is that of its primary group.
    mutating func add(record place: Int, identifier: ArraySlice<UInt8>, primaryGroup number: UInt32) {
        var group = Array(identifier)
        // A revision, a count and an authority of 8 bytes together, then numbers of 4 bytes, of which the last one is the own one.
        guard group.count >= 12, group.count % 4 == 0 else { return }
        group.removeLast(4)
        withUnsafeBytes(of: number.littleEndian) { group += $0 }
        records[group, default: (number, [])].places.append(place)
    }

    /// Gives the records the gids of their primary groups.
    /// - Returns: what is to be said of groups that the file does not have.
    func resolve(_ all: inout [ImportRecord]) -> [ImportDiagnostic] {
        var remarks: [ImportDiagnostic] = []
        for (identifier, (number, places)) in records {
            if let gid = gids[identifier] {
                for place in places { all[place].gidNumber = String(gid) }
            } else if let first = places.first {
                remarks.append(
                    ImportDiagnostic(
                        line: all[first].line,
                        "primaryGroupID \(number): the file has no such group with a gidNumber; its users get the cluster's group; "
                            + "users in the file: \(places.count), the first one here"))
            }
        }
        return remarks.sorted { ($0.line, $0.message) < ($1.line, $1.message) }
    }
}
