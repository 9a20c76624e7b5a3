import RosterModel
import RosterSnapshot

/// Lowers filters for users' entries into conditions on a user's fields.
struct UserFilterTarget: FilterTarget {
    let tree: DirectoryInformationTree
    /// Resolves the names of groups.
    let snapshot: Snapshot
    /// The time that decides who has expired.
    let now: Timestamp

    func presence(of type: AttributeType) -> Filter {
        switch type.userValue {
        case nil: .constant(.no)
        case .text(let attribute): .present(attribute)
        case .person(let attribute): .attribute(attribute, .present)
        case .sshPublicKey: validKey(nil)
        case .requiredName: .constant(.yes)
        case .time(.createTime), .time(.updateTime): .constant(.yes)
        case .day(let attribute), .time(let attribute): .hasTime(attribute)
        case .expiryDay: .anyOf([.isLocked, .hasTime(.expires)])
        case .lockSign: isLockedOrExpired
        case .accountExpires: .hasTime(.expires)
        case .memberOf: .isMember(of: nil)
        case .objectClass, .structuralObjectClass, .username, .number, .entryUUID, .entryDN, .hasSubordinates,
            .subschemaSubentry:
            .constant(.yes)
        }
    }

    func comparison(
        _ comparison: Filter.Comparison, of type: AttributeType, with value: AssertedValue, under rule: MatchingRule
    ) -> Filter {
        guard let own = type.userValue else { return .constant(.no) }
        switch (own, value) {
        case (.username, .text(let text)):
            let name = Self.trimmed(text)
            return rule.textRule?.ignoresCase == true
                ? .equals(.username, name) : .equalsByRule(.username, name, ignoresCase: false)
        case (.person(let attribute), .text(let text)):
            return rule.textRule.map { .attribute(attribute, .equals(text, $0)) } ?? .constant(.no)
        case (.person(let attribute), .integer(let number)): return .attribute(attribute, .number(comparison, number))
        case (.sshPublicKey, .text(let text)):
            return validKey(text)
        case (.requiredName(let attribute), .text(let text)):
            let name = Self.trimmed(text)
            let byName: Filter =
                rule.textRule?.ignoresCase == true
                ? .equals(.username, name) : .equalsByRule(.username, name, ignoresCase: false)
            return requiredName(
                attribute, type: type,
                ofValue: rule.textRule.map { .attribute(attribute, .equals(text, $0)) } ?? .constant(.no),
                ofName: byName)
        case (.text(let attribute), .text(let text)): return equality(of: attribute, with: text, under: rule)
        case (.number(let attribute), .integer(let number)):
            return self.comparison(comparison, of: attribute, with: number)
        // No client filters on bits of days.
        case (.day, .integer), (.expiryDay, .integer):
            guard comparison == .equal, case .integer(let number) = value else { return .constant(.undefined) }
            if case .day(let attribute) = own { return day(attribute, number) }
            return expiry(number)
        case (.lockSign(let sign), _):
            let holds = rule.compares(sign.text, comparison, with: value)
            return holds ? isLockedOrExpired : .constant(.no)
        case (.accountExpires, .integer(let number)): return accountExpires(comparison, number)
        case (.time(let attribute), .time(let time)): return .time(attribute, comparison, time)
        case (.objectClass, .objectClass(let asked)):
            if asked == .rosterSiteUser {
                return .anyOf(snapshot.attributes.declared.map { .attribute($0, .present) })
            }
            if let further = UserEntry.objectClassOfAttribute.first(where: { $0.value == asked }) {
                return .attribute(further.key, .present)
            }
            return .constant(Truth(UserEntry.objectClasses.contains(asked)))
        case (.structuralObjectClass, .objectClass(let asked)):
            return .constant(Truth(asked == UserEntry.structuralObjectClass))
        case (.hasSubordinates, .boolean(let truth)): return .constant(Truth(!truth))
        case (.entryUUID, .uuid(let uuid)): return self.uuid(comparison, uuid)
        case (.entryDN, .name(let name)): return self.name(name)
        case (.memberOf, .name(let name)): return isMember(ofGroup: name)
        case (.subschemaSubentry, .name(let name)): return .constant(Truth(tree.place(of: name) == .subschema))
        default: return .constant(.no)
        }
    }

    func substring(_ substring: Filter.Substring, of type: AttributeType) -> Filter {
        switch type.userValue {
        case .username: .substring(.username, substring)
        case .text(let attribute): .substring(attribute, substring)
        case .person(let attribute): .attribute(attribute, .substring(substring))
        case .requiredName(let attribute):
            requiredName(
                attribute, type: type, ofValue: .attribute(attribute, .substring(substring)),
                ofName: .substring(.username, substring))
        default: .constant(.no)
        }
    }

    func test(_ test: Filter.ValueTest, of attribute: UserAttribute) -> Filter { .attribute(attribute, test) }

    func nameComparison(of type: AttributeType, with value: AssertedValue, under rule: MatchingRule) -> Filter {
        switch type {
        case .uid, .cn:
            return type.name == tree.naming.rawValue
                ? comparison(.equal, of: type, with: value, under: rule) : .constant(.no)
        case .ou:
            guard case .text(let text) = value else { return .constant(.no) }
            let isPeople = rule.compares("People", .equal, with: value)
            let isAbove = tree.baseEntry.nameComparison(of: type, with: value, under: rule)
            return .anyOf([.constant(Truth(isPeople)), isAbove, equality(of: .cluster, with: text, under: rule)])
        default: return tree.baseEntry.nameComparison(of: type, with: value, under: rule)
        }
    }

    // MARK: Values

    private var isLockedOrExpired: Filter { .anyOf([.isLocked, .time(.expires, .atMost, now)]) }
    private var mayLogIn: Filter { .negation(of: isLockedOrExpired) }

    /// The entry has a valid SSH key; with `line`, this key. Only users who can log in show keys.
    private func validKey(_ line: String?) -> Filter {
        .allOf([.attribute(.sshPublicKey, .validKey(at: now, line: line)), mayLogIn])
    }

    /// A condition on an attribute that shows the username if the user has no value or the attribute names the entry.
    private func requiredName(
        _ attribute: UserAttribute, type: AttributeType, ofValue: Filter, ofName: Filter
    ) -> Filter {
        if type == .cn, tree.naming == .cn { return .anyOf([ofName, ofValue]) }
        return .anyOf([.allOf([ofName, .negation(of: .attribute(attribute, .present))]), ofValue])
    }

    private func equality(of attribute: Filter.Attribute, with text: String, under rule: MatchingRule) -> Filter {
        // An empty value is absent from the entry.
        guard !text.isEmpty else { return .constant(.no) }
        let ignoresCase = rule.textRule?.ignoresCase ?? false
        return ignoresCase == attribute.ignoresCase
            ? .equals(attribute, text) : .equalsByRule(attribute, text, ignoresCase: ignoresCase)
    }

    private func comparison(
        _ comparison: Filter.Comparison, of attribute: Filter.NumberAttribute, with number: Int64
    ) -> Filter {
        if let number = UInt32(exactly: number) { return .number(attribute, comparison, number) }
        switch comparison {
        case .equal, .allBits: return .constant(.no)
        case .atLeast: return .constant(Truth(number < 0))
        case .atMost: return .constant(Truth(number > 0))
        case .anyBits: return .number(attribute, .anyBits, UInt32(truncatingIfNeeded: number))
        }
    }

    /// A time within a day, counted from 1970-01-01.
    private func day(_ attribute: Filter.TimeAttribute, _ day: Int64) -> Filter {
        guard let start = Self.seconds(day) else { return .constant(.no) }
        return .all([
            .time(attribute, .atLeast, Timestamp(seconds: start)),
            .time(attribute, .atMost, Timestamp(seconds: start + Timestamp.secondsPerDay - 1)),
        ])
    }

    /// The entry's `shadowExpire` is `day`.
    private func expiry(_ day: Int64) -> Filter {
        guard let end = Self.seconds(day) else { return .constant(.no) }
        let expires = Filter.all([
            mayLogIn, .time(.expires, .atLeast, Timestamp(seconds: end - Timestamp.secondsPerDay + 1)),
            .time(.expires, .atMost, Timestamp(seconds: end)),
        ])
        return day == UserEntry.lockedDay ? .any([isLockedOrExpired, expires]) : expires
    }

    /// The entry's `accountExpires` compares in this way to `number`.
    private func accountExpires(_ comparison: Filter.Comparison, _ number: Int64) -> Filter {
        let unit = UserEntry.activeDirectoryUnits
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: unit)
        let floor = quotient - (rest < 0 ? 1 : 0)
        let isWhole = rest == 0
        func time(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds - UserEntry.secondsFrom1601) }
        switch comparison {
        case .equal: return isWhole ? .time(.expires, .equal, time(floor)) : .constant(.no)
        case .atLeast: return .time(.expires, .atLeast, time(isWhole ? floor : floor + 1))
        case .atMost: return .time(.expires, .atMost, time(floor))
        case .allBits, .anyBits: return .constant(.undefined)
        }
    }

    /// The start of a day, if `Timestamp` can represent it.
    private static func seconds(_ day: Int64) -> Int64? {
        guard (-1_000_000...10_000_000).contains(day) else { return nil }
        return day * Timestamp.secondsPerDay
    }

    private func uuid(_ comparison: Filter.Comparison, _ uuid: EntryUUID) -> Filter {
        // Users are not ordered by UUID.
        guard comparison == .equal else { return .constant(.undefined) }
        return uuid.user.map { .equals(.hpcUserID, $0.text) } ?? .constant(.no)
    }

    private func name(_ name: DistinguishedName) -> Filter {
        guard case .user(let cluster, let username) = tree.place(of: name) else { return .constant(.no) }
        return .all([.equals(.cluster, cluster.text), .equals(.username, username)])
    }

    private func isMember(ofGroup name: DistinguishedName) -> Filter {
        guard case .group(let cluster, let name) = tree.place(of: name),
            let group = snapshot.group(named: name, in: cluster)
        else { return .constant(.no) }
        return .isMember(of: group.key)
    }

    /// The text without spaces at its ends, which the rule of names ignores (RFC 4518 section 2.6.1).
    static func trimmed(_ text: String) -> String {
        let trimmed = text.utf8.trimmingSpaces()
        return trimmed.count == text.utf8.count ? text : String(Substring(trimmed))
    }
}
