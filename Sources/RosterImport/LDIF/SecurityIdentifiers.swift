import RosterModel

/// Resolves primary groups of Active Directory: a user has the last number of its primary group's security identifier.
struct SecurityIdentifiers {
    /// The gids of groups by security identifier.
    private var gids: [[UInt8]: UInt32] = [:]
    /// The records without a gid, by the security identifier of their primary group.
    private var records: [[UInt8]: (number: UInt32, places: [Int])] = [:]

    mutating func add(group identifier: ArraySlice<UInt8>, gidNumber: UInt32) {
        gids[Array(identifier)] = gidNumber
    }

    /// Adds a record without a gid.
    /// - Parameters:
    ///   - place: the index of the record in the file.
    ///   - identifier: the user's security identifier, whose domain is also that of its primary group.
    mutating func add(record place: Int, identifier: ArraySlice<UInt8>, primaryGroup number: UInt32) {
        var group = Array(identifier)
        // 8 bytes of revision, count and authority, then numbers of 4 bytes, the last of which is the object's own.
        guard group.count >= 12, group.count % 4 == 0 else { return }
        group.removeLast(4)
        withUnsafeBytes(of: number.littleEndian) { group += $0 }
        records[group, default: (number, [])].places.append(place)
    }

    /// Sets the gids of the records to those of their primary groups.
    /// - Returns: diagnostics about groups that the file does not have.
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
