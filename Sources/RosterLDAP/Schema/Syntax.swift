import RosterModel

/// The syntaxes of RFC 4517 that Roster's attributes have.
enum Syntax: String, CaseIterable, Sendable {
    case directoryString = "1.3.6.1.4.1.1466.115.121.1.15"
    case ia5String = "1.3.6.1.4.1.1466.115.121.1.26"
    case integer = "1.3.6.1.4.1.1466.115.121.1.27"
    case objectIdentifier = "1.3.6.1.4.1.1466.115.121.1.38"
    case distinguishedName = "1.3.6.1.4.1.1466.115.121.1.12"
    case generalizedTime = "1.3.6.1.4.1.1466.115.121.1.24"
    case boolean = "1.3.6.1.4.1.1466.115.121.1.7"
    case jpeg = "1.3.6.1.4.1.1466.115.121.1.28"
    case octetString = "1.3.6.1.4.1.1466.115.121.1.40"
    case uuid = "1.3.6.1.1.16.1"
    case attributeTypeDescription = "1.3.6.1.4.1.1466.115.121.1.3"
    case objectClassDescription = "1.3.6.1.4.1.1466.115.121.1.37"
    case matchingRuleDescription = "1.3.6.1.4.1.1466.115.121.1.30"
    case syntaxDescription = "1.3.6.1.4.1.1466.115.121.1.54"
}

/// The matching rules of RFC 4517 and RFC 4530 that filters may use.
enum MatchingRule: String, CaseIterable, Sendable {
    case caseIgnore = "caseIgnoreMatch"
    case caseExact = "caseExactMatch"
    case caseIgnoreIA5 = "caseIgnoreIA5Match"
    case caseExactIA5 = "caseExactIA5Match"
    case integer = "integerMatch"
    case objectIdentifier = "objectIdentifierMatch"
    case distinguishedName = "distinguishedNameMatch"
    case generalizedTime = "generalizedTimeMatch"
    case boolean = "booleanMatch"
    case uuid = "UUIDMatch"
    case octetString = "octetStringMatch"

    var oid: String {
        switch self {
        case .caseIgnore: "2.5.13.2"
        case .caseExact: "2.5.13.5"
        case .caseIgnoreIA5: "1.3.6.1.4.1.1466.109.114.2"
        case .caseExactIA5: "1.3.6.1.4.1.1466.109.114.1"
        case .integer: "2.5.13.14"
        case .objectIdentifier: "2.5.13.0"
        case .distinguishedName: "2.5.13.1"
        case .generalizedTime: "2.5.13.27"
        case .boolean: "2.5.13.13"
        case .uuid: "1.3.6.1.1.16.2"
        case .octetString: "2.5.13.17"
        }
    }

    var syntax: Syntax {
        switch self {
        case .caseIgnore, .caseExact: .directoryString
        case .caseIgnoreIA5, .caseExactIA5: .ia5String
        case .integer: .integer
        case .objectIdentifier: .objectIdentifier
        case .distinguishedName: .distinguishedName
        case .generalizedTime: .generalizedTime
        case .boolean: .boolean
        case .uuid: .uuid
        case .octetString: .octetString
        }
    }

    /// The rule of ordering that goes with it, where there is one.
    var ordering: String? {
        switch self {
        case .integer: "integerOrderingMatch"
        case .generalizedTime: "generalizedTimeOrderingMatch"
        case .uuid: "UUIDOrderingMatch"
        default: nil
        }
    }

    /// The rule of substrings that goes with it, where there is one.
    var substrings: String? {
        switch self {
        case .caseIgnore: "caseIgnoreSubstringsMatch"
        case .caseExact: "caseExactSubstringsMatch"
        case .caseIgnoreIA5: "caseIgnoreIA5SubstringsMatch"
        case .caseExactIA5: "caseExactIA5SubstringsMatch"
        default: nil
        }
    }

    /// How texts are compared under it; nil where values are no texts.
    var textRule: TextComparison? {
        switch self {
        case .caseIgnore, .caseIgnoreIA5: TextComparison(ignoresCase: true, ignoresSpaces: true)
        case .caseExact, .caseExactIA5: TextComparison(ignoresCase: false, ignoresSpaces: true)
        default: nil
        }
    }

    /// The rule called so, without regard to case, or of that object identifier.
    init?(_ name: ArraySlice<UInt8>) {
        let name = FoldedText(String(decoding: name, as: UTF8.self))
        guard let rule = Self.allCases.first(where: { FoldedText($0.rawValue) == name || FoldedText($0.oid) == name })
        else { return nil }
        self = rule
    }

    /// Whether the values of an attribute can be compared under the rule.
    func applies(to type: AttributeType) -> Bool {
        guard let own = type.definition.equality else { return false }
        return own == self || own.textRule != nil && textRule != nil
    }
}
