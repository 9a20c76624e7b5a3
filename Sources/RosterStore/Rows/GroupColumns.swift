package import RosterModel

/// The columns that hold those members of a group that are not users, in every store.
extension Group {
    /// The gids of `memberGroups`, separated by commas; nil if there are none.
    package var memberGroupsText: String? {
        memberGroups.isEmpty ? nil : memberGroups.map(String.init).joined(separator: ",")
    }

    /// `memberNames`, one per line, since a name has no line break; nil if there are none.
    package var memberNamesText: String? { memberNames.isEmpty ? nil : memberNames.joined(separator: "\n") }

    /// Sets the properties that these columns hold.
    package mutating func setColumns(
        memberGroups groups: String?, memberNames names: String?, createTime: Int64?, updateTime: Int64?
    ) {
        memberGroups = (groups ?? "").split(separator: ",").compactMap { UInt32($0) }
        memberNames = (names ?? "").split(separator: "\n").map(String.init)
        self.createTime = createTime.map { Timestamp(seconds: $0) }
        self.updateTime = updateTime.map { Timestamp(seconds: $0) }
    }
}
