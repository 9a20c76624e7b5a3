/// The only filter of users in Roster. Servers translate their own forms into it and never match by themselves.
package indirect enum Filter: Sendable, Equatable {
    case constant(Truth)
    case all([Filter])
    case any([Filter])
    case not(Filter)
    /// The attribute is not empty.
    case present(Attribute)
    /// Compares text by the attribute's rule, which may ignore case.
    case equals(Attribute, String)
    case substring(Attribute, Substring)
    case number(NumberAttribute, Comparison, UInt32)
    /// Like `equals`, with a case rule that the caller chooses.
    case equalsByRule(Attribute, String, ignoresCase: Bool)
    /// The user has such a time.
    case hasTime(TimeAttribute)
    /// Compares a time; false if the user has no such time.
    case time(TimeAttribute, Comparison, Timestamp)
    /// The user's state is `locked`, regardless of its expiry.
    case isLocked
    /// The user belongs to the group, listed there or through member groups; nil means that any group lists the user.
    case isMember(of: Group.Key?)
    /// At least one value of the attribute satisfies the test.
    case attribute(UserAttribute, ValueTest)

    /// An attribute with text, which has its own matching rule.
    package enum Attribute: Sendable, Hashable, CaseIterable {
        case cluster, hpcUserID, account, username, role, homeDirectory, loginShell, gecos, nasMountPoint

        /// Whether comparison ignores case: names and words do, identifiers and paths do not. For `uid` this is
        /// caseIgnoreMatch (RFC 4519), for paths caseExactIA5Match (RFC 2307).
        package var ignoresCase: Bool {
            switch self {
            case .username, .role, .gecos: true
            case .cluster, .hpcUserID, .account, .homeDirectory, .loginShell, .nasMountPoint: false
            }
        }

        /// Whether leading, trailing and repeated spaces are ignored, as RFC 4518 does for words. In a username, spaces
        /// count.
        var ignoresSpaces: Bool { self == .gecos }
    }

    /// A test of one value of a user attribute.
    package enum ValueTest: Sendable, Equatable {
        /// Any value.
        case present
        case equals(String, TextComparison)
        /// The value contains the pieces, ignoring case.
        case substring(Substring)
        case number(Comparison, Int64)
        /// Exactly these bytes.
        case bytes([UInt8])
        /// A distinguished name that is this one, ignoring case.
        case name(DistinguishedName)
        /// An SSH key that has not expired at this time and, if `line` is given, whose line is exactly that text.
        case validKey(at: Timestamp, line: String?)
    }

    /// A time of a user.
    package enum TimeAttribute: Sendable, Hashable, CaseIterable {
        case createTime, updateTime, passwordTime, expires
    }

    /// A number of a user.
    package enum NumberAttribute: Sendable, Hashable, CaseIterable {
        case uidNumber, gidNumber
    }

    /// How a value is compared with a given one.
    package enum Comparison: Sendable, Hashable, CaseIterable {
        case equal, atLeast, atMost
        /// All bits of the given number are set in the value, or any of them. Both are false if the values are not
        /// integers.
        case allBits, anyBits
    }

    /// A substring filter of RFC 4511 section 4.5.1.7.2: an optional start, any number of parts in order without
    /// overlap, an optional end.
    package struct Substring: Sendable, Equatable {
        package var start: String?
        package var parts: [String]
        package var end: String?

        /// Creates a substring filter; without arguments it matches every text.
        package init(start: String? = nil, parts: [String] = [], end: String? = nil) {
            self.start = start
            self.parts = parts
            self.end = end
        }
    }
}

/// The three truth values of RFC 4511 section 4.5.1.7.
package enum Truth: Sendable, Equatable {
    case yes, no, undefined

    /// Creates `yes` for true and `no` for false.
    package init(_ value: Bool) {
        self = value ? .yes : .no
    }
}

/// What a filter can be applied to: a user, or a row of a snapshot in place.
package protocol FilterSubject {
    /// Calls `body` with the UTF-8 of a text, which is valid during the call.
    func withText(of attribute: Filter.Attribute, _ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool
    /// Calls `body` with the text of `UserAttributes`, which is valid during the call; empty if the user has none.
    func withAttributes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result
    var uidNumber: UInt32 { get }
    var gidNumber: UInt32 { get }
    var createTime: Timestamp { get }
    var updateTime: Timestamp { get }
    var passwordTime: Timestamp? { get }
    var expires: Timestamp? { get }
    var state: User.State { get }
    /// Whether the user belongs to the group, listed there or through member groups; nil means that any group lists the
    /// user.
    func isMember(of group: Group.Key?) -> Bool
}

extension FilterSubject {
    /// The value of a number attribute.
    package func number(of attribute: Filter.NumberAttribute) -> UInt32 {
        switch attribute {
        case .uidNumber: uidNumber
        case .gidNumber: gidNumber
        }
    }

    /// The value of a time attribute; nil if the user has none.
    package func time(of attribute: Filter.TimeAttribute) -> Timestamp? {
        switch attribute {
        case .createTime: createTime
        case .updateTime: updateTime
        case .passwordTime: passwordTime
        case .expires: expires
        }
    }

    fileprivate var isLocked: Bool { state == .locked }
}

extension Filter {
    /// Evaluates the filter for `user`. A user is in the result if this is `yes`.
    package func matches(_ user: some FilterSubject) -> Truth {
        switch self {
        case .constant(let truth): return truth
        case .all(let filters):
            var result = Truth.yes
            for filter in filters {
                switch filter.matches(user) {
                case .no: return .no
                case .undefined: result = .undefined
                case .yes: break
                }
            }
            return result
        case .any(let filters):
            var result = Truth.no
            for filter in filters {
                switch filter.matches(user) {
                case .yes: return .yes
                case .undefined: result = .undefined
                case .no: break
                }
            }
            return result
        case .not(let filter): return filter.matches(user).negated
        case .present(let attribute): return Truth(user.withText(of: attribute) { !$0.isEmpty })
        case .equals(let attribute, let value):
            return equality(attribute, value: value, ignoresCase: attribute.ignoresCase, user: user)
        case .equalsByRule(let attribute, let value, let ignoresCase):
            return equality(attribute, value: value, ignoresCase: ignoresCase, user: user)
        case .substring(let attribute, let substring):
            return Truth(user.withText(of: attribute) { substring.isIn($0, ignoresCase: attribute.ignoresCase) })
        case .number(let attribute, let comparison, let value):
            return Truth(comparison.holds(user.number(of: attribute), value))
        case .hasTime(let attribute): return Truth(user.time(of: attribute) != nil)
        case .time(let attribute, let comparison, let value):
            return Truth(user.time(of: attribute).map { comparison.holds($0, value) } ?? false)
        case .isLocked: return Truth(user.isLocked)
        case .isMember(let group): return Truth(user.isMember(of: group))
        case .attribute(let attribute, let test):
            return Truth(user.withAttributes { UserAttributes.hasValue(of: attribute, in: $0, where: test.holds) })
        }
    }

    private func equality(
        _ attribute: Attribute, value: String, ignoresCase: Bool, user: some FilterSubject
    ) -> Truth {
        Truth(
            user.withText(of: attribute) { text in
                TextComparison(ignoresCase: ignoresCase, ignoresSpaces: attribute.ignoresSpaces).areEqual(text, value)
            })
    }
}

extension Filter.ValueTest {
    fileprivate func holds(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        switch self {
        case .present: true
        case .equals(let text, let comparison): comparison.areEqual(value, text)
        case .substring(let substring): substring.isIn(value, ignoresCase: true)
        case .number(let comparison, let number):
            Int64(String(decoding: value, as: UTF8.self)).map { comparison.holds($0, number) } ?? false
        case .bytes(let bytes): value.elementsEqual(bytes)
        case .name(let name): DistinguishedName(Array(value)[...])?.isSame(as: name) ?? false
        case .validKey(let now, let line):
            !SSHPublicKey.isExpired(value, at: now) && line.map { value.elementsEqual($0.utf8) } ?? true
        }
    }
}

extension Filter.Comparison {
    /// Whether `value` compares so with `asked`; bit comparisons are false.
    package func holds<Value: Comparable>(_ value: Value, _ asked: Value) -> Bool {
        switch self {
        case .equal: value == asked
        case .atLeast: value >= asked
        case .atMost: value <= asked
        case .allBits, .anyBits: false
        }
    }

    /// Whether `value` compares so with `asked`.
    package func holds<Value: FixedWidthInteger>(_ value: Value, _ asked: Value) -> Bool {
        switch self {
        case .equal: value == asked
        case .atLeast: value >= asked
        case .atMost: value <= asked
        case .allBits: value & asked == asked
        case .anyBits: value & asked != 0
        }
    }
}

extension Truth {
    package var negated: Truth {
        switch self {
        case .yes: .no
        case .no: .yes
        case .undefined: .undefined
        }
    }
}
