/// What a query demands of the fields of a user, beside the search word. A nil member demands nothing.
package struct UserConditions: Sendable, Equatable {
    /// The name, without regard to ASCII case.
    package var username: String?
    package var uidNumber: UInt32?
    package var gidNumber: UInt32?
    package var role: Role?
    package var state: State?
    /// The name of a group, without regard to ASCII case, of which the user is a member, by its gid or by the list of members.
    package var groupName: String?
    /// The time at which users are expired or not.
    package var now: Timestamp

    /// Whether the user can log in, and why not.
    package enum State: String, Sendable, Hashable, CaseIterable {
        /// Neither locked nor expired.
        case active
        /// Locked, expired or not.
        case locked
        /// Expired, and not locked.
        case expired
    }

    package init(now: Timestamp) {
        self.now = now
    }

    /// Whether it demands nothing.
    package var isEmpty: Bool {
        username == nil && uidNumber == nil && gidNumber == nil && role == nil && state == nil && groupName == nil
    }

    /// The conditions as a filter, but for the name, whose rule of comparison no filter has, and for the group, which a user alone
    /// does not tell.
    var filter: Filter {
        var filters: [Filter] = []
        if let uidNumber { filters.append(.number(.uidNumber, .equal, uidNumber)) }
        if let gidNumber { filters.append(.number(.gidNumber, .equal, gidNumber)) }
        if let role { filters.append(.equals(.role, role.rawValue)) }
        let isExpired = Filter.time(.expires, .atMost, now)
        switch state {
        case nil: break
        case .active: filters += [.not(.isLocked), .not(isExpired)]
        case .locked: filters.append(.isLocked)
        case .expired: filters += [.not(.isLocked), isExpired]
        }
        return .all(filters)
    }
}

/// A field in which a search word is sought.
package enum SearchField: String, Sendable, Hashable, CaseIterable {
    /// A part of the name.
    case username
    /// A part of a full name.
    case fullName = "full_name"
    /// A part of an address.
    case mail
    /// The first digits of the uid.
    case uidNumber = "uid_number"

    /// The ranges of the uids whose decimal digits begin with `word`; empty where it is no beginning of a uid.
    package static func uids(beginningWith word: String) -> [ClosedRange<UInt32>] {
        guard let first = word.utf8.first, first != UInt8(ascii: "0"), word.utf8.allSatisfy(\.isDigit),
            var start = UInt64(word)
        else { return [] }
        var ranges: [ClosedRange<UInt32>] = []
        var width: UInt64 = 1
        while let lower = UInt32(exactly: start) {
            ranges.append(lower...UInt32(clamping: start + width - 1))
            (start, width) = (start * 10, width * 10)
        }
        return ranges
    }
}
