import RosterModel

/// The equality rules of RFC 4517, RFC 4530 and Active Directory, which filters may name.
enum MatchingRule: String, CaseIterable, Sendable {
    case caseIgnore = "caseIgnoreMatch"
    case caseExact = "caseExactMatch"
    case caseIgnoreIA5 = "caseIgnoreIA5Match"
    case caseExactIA5 = "caseExactIA5Match"
    case caseIgnoreList = "caseIgnoreListMatch"
    case numericString = "numericStringMatch"
    case telephoneNumber = "telephoneNumberMatch"
    case integer = "integerMatch"
    case bitString = "bitStringMatch"
    case objectIdentifier = "objectIdentifierMatch"
    /// Match the subschema's descriptions by the object identifier or number that each begins with.
    case objectIdentifierFirstComponent = "objectIdentifierFirstComponentMatch"
    case integerFirstComponent = "integerFirstComponentMatch"
    case distinguishedName = "distinguishedNameMatch"
    case uniqueMember = "uniqueMemberMatch"
    case generalizedTime = "generalizedTimeMatch"
    case boolean = "booleanMatch"
    case uuid = "UUIDMatch"
    case octetString = "octetStringMatch"
    /// True if all bits, or any bit, of the asserted number are set (Active Directory's rules).
    case integerBitAnd = "integerBitAndMatch"
    case integerBitOr = "integerBitOrMatch"

    var oid: String {
        switch self {
        case .caseIgnore: "2.5.13.2"
        case .caseExact: "2.5.13.5"
        case .caseIgnoreIA5: "1.3.6.1.4.1.1466.109.114.2"
        case .caseExactIA5: "1.3.6.1.4.1.1466.109.114.1"
        case .caseIgnoreList: "2.5.13.11"
        case .numericString: "2.5.13.8"
        case .telephoneNumber: "2.5.13.20"
        case .integer: "2.5.13.14"
        case .bitString: "2.5.13.16"
        case .objectIdentifier: "2.5.13.0"
        case .objectIdentifierFirstComponent: "2.5.13.30"
        case .integerFirstComponent: "2.5.13.29"
        case .distinguishedName: "2.5.13.1"
        case .uniqueMember: "2.5.13.23"
        case .generalizedTime: "2.5.13.27"
        case .boolean: "2.5.13.13"
        case .uuid: "1.3.6.1.1.16.2"
        case .octetString: "2.5.13.17"
        case .integerBitAnd: "1.2.840.113556.1.4.803"
        case .integerBitOr: "1.2.840.113556.1.4.804"
        }
    }

    /// The syntax of the asserted value.
    var syntax: Syntax {
        switch self {
        case .caseIgnore, .caseExact: .directoryString
        case .caseIgnoreIA5, .caseExactIA5: .ia5String
        case .caseIgnoreList: .postalAddress
        case .numericString: .numericString
        case .telephoneNumber: .telephoneNumber
        case .integer, .integerFirstComponent, .integerBitAnd, .integerBitOr: .integer
        case .bitString: .bitString
        case .objectIdentifier, .objectIdentifierFirstComponent: .objectIdentifier
        case .distinguishedName: .distinguishedName
        case .uniqueMember: .nameAndOptionalUID
        case .generalizedTime: .generalizedTime
        case .boolean: .boolean
        case .uuid: .uuid
        case .octetString: .octetString
        }
    }

    /// A rule that accompanies an equality rule.
    struct Companion: Sendable {
        let name: String
        let oid: String
    }

    /// The accompanying ordering rule, if there is one.
    var ordering: Companion? {
        switch self {
        case .integer: Companion(name: "integerOrderingMatch", oid: "2.5.13.15")
        case .generalizedTime: Companion(name: "generalizedTimeOrderingMatch", oid: "2.5.13.28")
        case .uuid: Companion(name: "UUIDOrderingMatch", oid: "1.3.6.1.1.16.3")
        case .caseIgnore: Companion(name: "caseIgnoreOrderingMatch", oid: "2.5.13.3")
        case .caseExact: Companion(name: "caseExactOrderingMatch", oid: "2.5.13.6")
        case .numericString: Companion(name: "numericStringOrderingMatch", oid: "2.5.13.9")
        case .octetString: Companion(name: "octetStringOrderingMatch", oid: "2.5.13.18")
        default: nil
        }
    }

    /// The accompanying substrings rule, if there is one.
    var substrings: Companion? {
        switch self {
        case .caseIgnore: Companion(name: "caseIgnoreSubstringsMatch", oid: "2.5.13.4")
        case .caseExact: Companion(name: "caseExactSubstringsMatch", oid: "2.5.13.7")
        case .caseIgnoreIA5: Companion(name: "caseIgnoreIA5SubstringsMatch", oid: "1.3.6.1.4.1.1466.109.114.3")
        case .caseExactIA5: Companion(name: "caseExactIA5SubstringsMatch", oid: "1.3.6.1.4.1.4203.1.2.1")
        case .caseIgnoreList: Companion(name: "caseIgnoreListSubstringsMatch", oid: "2.5.13.12")
        case .numericString: Companion(name: "numericStringSubstringsMatch", oid: "2.5.13.10")
        case .telephoneNumber: Companion(name: "telephoneNumberSubstringsMatch", oid: "2.5.13.21")
        default: nil
        }
    }

    /// `MatchingRuleDescription` of RFC 4512 section 4.1.3, for every rule and its companions.
    static var descriptions: [String] {
        func text(_ name: String, _ oid: String, _ syntax: Syntax) -> String {
            "( \(oid) NAME '\(name)' SYNTAX \(syntax.rawValue) )"
        }
        return allCases.flatMap { rule in
            [text(rule.rawValue, rule.oid, rule.syntax)]
                + (rule.ordering.map { [text($0.name, $0.oid, rule.syntax)] } ?? [])
                + (rule.substrings.map { [text($0.name, $0.oid, .substringAssertion)] } ?? [])
        }
    }

    /// How texts compare under the rule; nil if its values are not texts.
    var textRule: TextComparison? {
        switch self {
        case .caseIgnore, .caseIgnoreIA5, .caseIgnoreList:
            TextComparison(ignoresCase: true, ignoresSpaces: true)
        case .caseExact, .caseExactIA5: TextComparison(ignoresCase: false, ignoresSpaces: true)
        case .numericString: TextComparison(ignoresCase: false, dropping: .spaces)
        case .telephoneNumber: TextComparison(ignoresCase: true, dropping: .spacesAndHyphens)
        default: nil
        }
    }

    /// The rule with that name, ignoring case, or that object identifier.
    init?(_ name: ArraySlice<UInt8>) {
        guard let rule = Self.names.value(of: name) else { return nil }
        self = Self.all[rule]
    }

    /// The rule whose ordering rule has that name.
    init?(ordering name: ArraySlice<UInt8>) {
        guard let rule = Self.orderings.value(of: name) else { return nil }
        self = Self.all[rule]
    }

    private static let all = allCases
    private static let orderings = NameTable(
        all.enumerated().flatMap { place, rule in
            rule.ordering.map { [($0.name, place), ($0.oid, place)] } ?? []
        })
    private static let names = NameTable(all.enumerated().flatMap { [($1.rawValue, $0), ($1.oid, $0)] })

    /// The comparison with the asserted value that the rule makes.
    var comparison: Filter.Comparison {
        switch self {
        case .integerBitAnd: .allBits
        case .integerBitOr: .anyBits
        default: .equal
        }
    }

    /// Whether the values of an attribute can be compared under the rule.
    func applies(to type: AttributeType) -> Bool {
        type.definition.equality.map { applies(toValuesUnder: $0) } ?? false
    }

    /// Whether the values that one rule compares can be compared under this one.
    func applies(toValuesUnder own: MatchingRule) -> Bool {
        own == self || own == .integer && syntax == .integer || own.textRule != nil && textRule != nil
    }
}
