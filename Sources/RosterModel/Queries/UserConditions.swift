/// Conditions on the fields of users, in addition to the search word. A nil member is no condition.
package struct UserConditions: Sendable, Equatable {
    /// The username, ignoring ASCII case.
    package var username: String?
    package var uidNumber: UInt32?
    package var gidNumber: UInt32?
    package var role: Role?
    package var state: State?
    /// The name of a group that the user is a member of, by its gid or by the list of members, ignoring ASCII case.
    package var groupName: String?
    /// Whether the user has a password; nil is no condition.
    package var hasPassword: Bool?
    /// Only users who existed at a time and have not logged in since.
    package var unused: Unused?
    /// The time at which expiry is checked.
    package var now: Timestamp

    /// Whether the user can log in, and why not.
    package enum State: String, Sendable, Hashable, CaseIterable {
        /// Neither locked nor expired.
        case active
        /// Locked, whether expired or not.
        case locked
        /// Expired and not locked.
        case expired
    }

    /// Since when users have not logged in.
    package struct Unused: Sendable, Equatable {
        /// Users who were created later do not match: they had no time for it.
        package let since: Timestamp
        /// Those who logged in at that time or later.
        package let active: UserIDSet

        /// Creates the condition.
        package init(since: Timestamp, active: UserIDSet) {
            self.since = since
            self.active = active
        }
    }

    /// Creates an empty set of conditions.
    package init(now: Timestamp) {
        self.now = now
    }

    /// Whether there is no condition.
    package var isEmpty: Bool {
        username == nil && uidNumber == nil && gidNumber == nil && role == nil && state == nil && groupName == nil
            && unused == nil && hasPassword == nil
    }

    /// The conditions as a filter, except for the name and the password, which no filter compares, and the group and
    /// the logins, which cannot be decided from a user alone.
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

/// A field that a search word is looked up in.
package enum SearchField: String, Sendable, Hashable, CaseIterable {
    /// Part of the username.
    case username
    /// Part of a full name.
    case fullName = "full_name"
    /// Part of a mail address.
    case mail
    /// Leading digits of the uid.
    case uidNumber = "uid_number"

    /// The ranges of uids whose decimal digits begin with `word`; empty if no uid begins so.
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
