package import RosterModel

/// The texts of the columns that hold the members of a group that are no users, in every store.
extension Group {
    /// The gids of `memberGroups` with commas between them; nil where there are none.
    package var memberGroupsText: String? {
        memberGroups.isEmpty ? nil : memberGroups.map(String.init).joined(separator: ",")
    }

    /// `memberNames`, one a line: a name has no line break. Nil where there are none.
    package var memberNamesText: String? { memberNames.isEmpty ? nil : memberNames.joined(separator: "\n") }

    /// Sets what the columns hold.
    package mutating func setColumns(
        memberGroups groups: String?, memberNames names: String?, createTime: Int64?, updateTime: Int64?
    ) {
        memberGroups = (groups ?? "").split(separator: ",").compactMap { UInt32($0) }
        memberNames = (names ?? "").split(separator: "\n").map(String.init)
        self.createTime = createTime.map { Timestamp(seconds: $0) }
        self.updateTime = updateTime.map { Timestamp(seconds: $0) }
    }
}
