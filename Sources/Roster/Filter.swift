/// The only boolean filter of Roster. Faces lower their own forms into it and never match by themselves.
package indirect enum Filter: Sendable, Equatable {
    case constant(Truth)
    case all([Filter])
    case any([Filter])
    case not(Filter)
    /// The attribute has a value.
    case present(Attribute)
    /// Text is compared under the attribute's rule: with or without regard to case.
    case equals(Attribute, String)
    case substring(Attribute, Substring)
    case number(NumberAttribute, Comparison, UInt32)

    /// What text can be asked of. Each has its matching rule.
    package enum Attribute: Sendable, Hashable, CaseIterable {
        case cluster, hpcUserID, account, username, role, homeDirectory, loginShell, gecos, nasMountPoint

        /// Whether case counts: identifiers and paths yes, names and words no (RFC 2307 gives `uid` caseIgnoreMatch here,
        /// as RFC 4519 does, and paths caseExactIA5Match).
        var ignoresCase: Bool {
            switch self {
            case .username, .role, .gecos: true
            case .cluster, .hpcUserID, .account, .homeDirectory, .loginShell, .nasMountPoint: false
            }
        }
    }

    package enum NumberAttribute: Sendable, Hashable, CaseIterable {
        case uidNumber, gidNumber
    }

    package enum Comparison: Sendable, Hashable, CaseIterable {
        case equal, atLeast, atMost
    }

    /// RFC 4511 section 4.5.1.7.2: an optional start, any number of parts in order without overlap, an optional end.
    package struct Substring: Sendable, Equatable {
        package var start: String?
        package var parts: [String]
        package var end: String?

        package init(start: String? = nil, parts: [String] = [], end: String? = nil) {
            self.start = start
            self.parts = parts
            self.end = end
        }
    }
}

/// The three values of RFC 4511 section 4.5.1.7.
package enum Truth: Sendable, Equatable {
    case yes, no, undefined

    init(_ value: Bool) {
        self = value ? .yes : .no
    }
}

extension Filter {
    /// What the filter says of `user`. Users are in an answer where it says `yes`.
    package func matches(_ user: User) -> Truth {
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
        case .not(let filter):
            switch filter.matches(user) {
            case .yes: return .no
            case .no: return .yes
            case .undefined: return .undefined
            }
        case .present(let attribute):
            return Truth(!user.text(of: attribute).isEmpty)
        case .equals(let attribute, let value):
            let text = user.text(of: attribute)
            return Truth(
                attribute.ignoresCase
                    ? FoldedText(text) == FoldedText(value) : text.utf8.elementsEqual(value.utf8))
        case .substring(let attribute, let substring):
            let text = user.text(of: attribute)
            return Truth(substring.isIn(text, ignoringCase: attribute.ignoresCase))
        case .number(let attribute, let comparison, let value):
            let number = attribute == .uidNumber ? user.uidNumber : user.gidNumber
            switch comparison {
            case .equal: return Truth(number == value)
            case .atLeast: return Truth(number >= value)
            case .atMost: return Truth(number <= value)
            }
        }
    }
}

extension User {
    fileprivate func text(of attribute: Filter.Attribute) -> String {
        switch attribute {
        case .cluster: cluster.text
        case .hpcUserID: id.text
        case .account: account.text
        case .username: username.text
        case .role: role.rawValue
        case .homeDirectory: homeDirectory
        case .loginShell: loginShell
        case .gecos: gecos
        case .nasMountPoint: nasMountPoint
        }
    }
}

extension Filter.Substring {
    fileprivate func isIn(_ text: String, ignoringCase: Bool) -> Bool {
        func bytes(_ text: String) -> [UInt8] { ignoringCase ? FoldedText(text).bytes : Array(text.utf8) }
        var rest = bytes(text)[...]
        if let start {
            let prefix = bytes(start)
            guard rest.starts(with: prefix) else { return false }
            rest = rest.dropFirst(prefix.count)
        }
        if let end {
            let suffix = bytes(end)
            guard rest.count >= suffix.count, rest.suffix(suffix.count).elementsEqual(suffix) else { return false }
            rest = rest.dropLast(suffix.count)
        }
        for part in parts {
            let word = bytes(part)
            guard let found = rest.firstStart(of: word) else { return false }
            rest = rest[(found + word.count)...]
        }
        return true
    }
}

/// Text without regard to case: ASCII capitals made small, and, where there is more than ASCII, Unicode's lower-case
/// mapping. Compared byte by byte.
package struct FoldedText: Sendable, Hashable, Comparable {
    package let bytes: [UInt8]

    package init(_ text: String) {
        bytes = text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.map(\.asciiLowercased) : Array(text.lowercased().utf8)
    }

    package static func < (left: FoldedText, right: FoldedText) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    /// Whether `word` stands anywhere in the text; the empty word stands in every text.
    package func contains(_ word: FoldedText) -> Bool {
        bytes[...].firstStart(of: word.bytes) != nil
    }
}

extension ArraySlice<UInt8> {
    /// Where `word` first stands; at the start for an empty one.
    fileprivate func firstStart(of word: [UInt8]) -> Int? {
        guard let first = word.first else { return startIndex }
        guard count >= word.count else { return nil }
        for index in startIndex...(endIndex - word.count)
        where self[index] == first && self[index..<(index + word.count)].elementsEqual(word) {
            return index
        }
        return nil
    }
}
