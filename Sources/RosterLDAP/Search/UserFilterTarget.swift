import RosterModel
import RosterSnapshot

/// Lowers filters for the entries of users: into conditions on what Roster knows of one.
struct UserFilterTarget: FilterTarget {
    let tree: DirectoryInformationTree

    func presence(of type: AttributeType) -> Filter {
        switch type {
        case .objectClass, .uid, .cn, .sn, .uidNumber, .gidNumber, .structuralObjectClass, .entryUUID, .entryDN,
            .createTimestamp, .modifyTimestamp, .hasSubordinates, .subschemaSubentry:
            .constant(.yes)
        case .homeDirectory: .present(.homeDirectory)
        case .loginShell: .present(.loginShell)
        case .gecos: .present(.gecos)
        case .shadowLastChange: .hasTime(.passwordTime)
        case .shadowExpire: .anyOf([.isLocked, .hasTime(.expires)])
        default: .constant(.no)
        }
    }

    func comparison(
        _ type: AttributeType, _ comparison: Filter.Comparison, _ value: AssertedValue, under rule: MatchingRule
    ) -> Filter {
        switch (type, value) {
        case (.uid, .text(let text)), (.cn, .text(let text)), (.sn, .text(let text)):
            let name = Self.trimmed(text)
            return rule.textRule?.ignoresCase == true
                ? .equals(.username, name) : .equalsByRule(.username, name, ignoresCase: false)
        case (.homeDirectory, .text(let text)): return equality(.homeDirectory, text, rule)
        case (.loginShell, .text(let text)): return equality(.loginShell, text, rule)
        case (.gecos, .text(let text)): return equality(.gecos, text, rule)
        case (.uidNumber, .integer(let number)): return self.number(.uidNumber, comparison, number)
        case (.gidNumber, .integer(let number)): return self.number(.gidNumber, comparison, number)
        case (.shadowLastChange, .integer(let number)): return day(.passwordTime, number)
        case (.shadowExpire, .integer(let number)): return expiry(number)
        case (.createTimestamp, .time(let time)): return .time(.createTime, comparison, time)
        case (.modifyTimestamp, .time(let time)): return .time(.updateTime, comparison, time)
        case (.objectClass, .objectClass(let asked)):
            return .constant(Truth(UserEntry.objectClasses.contains(asked)))
        case (.structuralObjectClass, .objectClass(let asked)):
            return .constant(Truth(asked == .inetOrgPerson))
        case (.hasSubordinates, .boolean(let truth)): return .constant(Truth(!truth))
        case (.entryUUID, .uuid(let uuid)): return self.uuid(comparison, uuid)
        case (.entryDN, .name(let name)): return self.name(name)
        case (.subschemaSubentry, .name(let name)): return .constant(Truth(tree.place(of: name) == .subschema))
        default: return .constant(.no)
        }
    }

    func substring(_ type: AttributeType, _ substring: Filter.Substring) -> Filter {
        switch type {
        case .uid, .cn, .sn: .substring(.username, substring)
        case .gecos: .substring(.gecos, substring)
        default: .constant(.no)
        }
    }

    func nameComparison(_ type: AttributeType, _ value: AssertedValue, under rule: MatchingRule) -> Filter {
        switch type {
        case .uid, .cn:
            return type.name == tree.naming.rawValue ? comparison(type, .equal, value, under: rule) : .constant(.no)
        case .ou:
            guard case .text(let text) = value else { return .constant(.no) }
            let isPeople = rule.compares("People", .equal, value)
            let isAbove = tree.baseEntry.nameComparison(type, value, under: rule)
            return .anyOf([.constant(Truth(isPeople)), isAbove, equality(.cluster, text, rule)])
        default: return tree.baseEntry.nameComparison(type, value, under: rule)
        }
    }

    // MARK: Values

    private func equality(_ attribute: Filter.Attribute, _ text: String, _ rule: MatchingRule) -> Filter {
        // What is empty is not there in the entry.
        guard !text.isEmpty else { return .constant(.no) }
        let ignoresCase = rule.textRule?.ignoresCase ?? false
        return ignoresCase == (attribute == .gecos)
            ? .equals(attribute, text) : .equalsByRule(attribute, text, ignoresCase: ignoresCase)
    }

    private func number(
        _ attribute: Filter.NumberAttribute, _ comparison: Filter.Comparison, _ number: Int64
    ) -> Filter {
        if let number = UInt32(exactly: number) { return .number(attribute, comparison, number) }
        return .constant(Truth(number < 0 ? comparison == .atLeast : comparison == .atMost))
    }

    /// That a moment is in a day since 1970-01-01.
    private func day(_ attribute: Filter.TimeAttribute, _ day: Int64) -> Filter {
        guard let start = Self.seconds(day) else { return .constant(.no) }
        return .all([
            .time(attribute, .atLeast, Timestamp(seconds: start)),
            .time(attribute, .atMost, Timestamp(seconds: start + UserEntry.secondsPerDay - 1)),
        ])
    }

    /// That `UserEntry.expireDay` is `day`.
    private func expiry(_ day: Int64) -> Filter {
        guard let end = Self.seconds(day) else { return .constant(.no) }
        let expires = Filter.all([
            .not(.isLocked), .time(.expires, .atLeast, Timestamp(seconds: end - UserEntry.secondsPerDay + 1)),
            .time(.expires, .atMost, Timestamp(seconds: end)),
        ])
        return day == UserEntry.lockedDay ? .any([.isLocked, expires]) : expires
    }

    /// The start of a day, of those that a `Timestamp` may have.
    private static func seconds(_ day: Int64) -> Int64? {
        guard (-1_000_000...10_000_000).contains(day) else { return nil }
        return day * UserEntry.secondsPerDay
    }

    private func uuid(_ comparison: Filter.Comparison, _ uuid: EntryUUID) -> Filter {
        // Users have no order by their UUID here.
        guard comparison == .equal else { return .constant(.undefined) }
        return uuid.user.map { .equals(.hpcUserID, $0.text) } ?? .constant(.no)
    }

    private func name(_ name: DistinguishedName) -> Filter {
        guard case .user(let cluster, let username) = tree.place(of: name) else { return .constant(.no) }
        return .all([.equals(.cluster, cluster.text), .equals(.username, username)])
    }

    /// Spaces at the ends count for nothing under the rule of names (RFC 4518 section 2.6.1).
    static func trimmed(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") }
        guard bytes.first.map(isSpace) == true || bytes.last.map(isSpace) == true else { return text }
        let start = bytes.drop(while: isSpace)
        let end = start.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start.startIndex
        return String(decoding: start[..<end], as: UTF8.self)
    }
}
