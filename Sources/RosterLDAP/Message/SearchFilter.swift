import SwiftASN1

/// A filter as it was sent. What it means is `FilterLowering`'s business.
///
///     Filter ::= CHOICE {
///         and             [0] SET OF Filter,
///         or              [1] SET OF Filter,
///         not             [2] Filter,
///         equalityMatch   [3] AttributeValueAssertion,
///         substrings      [4] SubstringFilter,
///         greaterOrEqual  [5] AttributeValueAssertion,
///         lessOrEqual     [6] AttributeValueAssertion,
///         present         [7] AttributeDescription,
///         approxMatch     [8] AttributeValueAssertion,
///         extensibleMatch [9] MatchingRuleAssertion, … }
package indirect enum SearchFilter: Sendable, Equatable {
    case and([SearchFilter])
    case or([SearchFilter])
    case not(SearchFilter)
    case equality(AttributeValueAssertion)
    case substrings(SubstringFilter)
    case atLeast(AttributeValueAssertion)
    case atMost(AttributeValueAssertion)
    case present(ArraySlice<UInt8>)
    case approximate(AttributeValueAssertion)
    case extensible(MatchingRuleAssertion)
    /// A choice that is none of these: it is Undefined (section 4.5.1.7).
    case unknown

    /// The most levels of a filter. The parser of BER stops at 50 levels of the whole message.
    package static let maximumDepth = 40
    /// The most parts of a filter, of every kind together.
    package static let maximumNodes = 2000

    /// - Throws: `malformed`, and `tooComplex` past the two bounds.
    init(_ node: ASN1Node) throws(MessageFault) {
        var nodes = 0
        try self.init(node, depth: 1, nodes: &nodes)
    }

    private init(_ node: ASN1Node, depth: Int, nodes: inout Int) throws(MessageFault) {
        nodes += 1
        guard depth <= Self.maximumDepth, nodes <= Self.maximumNodes else {
            throw MessageFault(.tooComplex, "the filter has too many parts, or too many levels")
        }
        guard node.identifier.tagClass == .contextSpecific else {
            throw MessageFault(.malformed, "a filter was expected")
        }
        switch node.identifier.tagNumber {
        case 0: self = .and(try Self.list(node, depth: depth, nodes: &nodes))
        case 1: self = .or(try Self.list(node, depth: depth, nodes: &nodes))
        case 2:
            var components = try Components(node)
            self = .not(try SearchFilter(try components.next(), depth: depth + 1, nodes: &nodes))
        case 3: self = .equality(try AttributeValueAssertion(node))
        case 4:
            let substrings = try SubstringFilter(node)
            nodes += substrings.parts.count
            self = .substrings(substrings)
        case 5: self = .atLeast(try AttributeValueAssertion(node))
        case 6: self = .atMost(try AttributeValueAssertion(node))
        case 7: self = .present(try node.octets())
        case 8: self = .approximate(try AttributeValueAssertion(node))
        case 9: self = .extensible(try MatchingRuleAssertion(node))
        default: self = .unknown
        }
    }

    private static func list(
        _ node: ASN1Node, depth: Int, nodes: inout Int
    ) throws(MessageFault) -> [SearchFilter] {
        var components = try Components(node)
        var filters: [SearchFilter] = []
        for node in components.rest() { filters.append(try SearchFilter(node, depth: depth + 1, nodes: &nodes)) }
        return filters
    }
}
