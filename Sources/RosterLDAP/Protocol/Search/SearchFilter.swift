import RosterModel

/// A filter as the client sent it. `FilterLowering` interprets it.
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
    /// An unknown choice, which evaluates to Undefined (section 4.5.1.7).
    case unknown

    /// The maximum depth of a filter. `BERTree` refuses more than 50 levels of values.
    package static let maximumDepth = 40
    /// The maximum number of parts of a filter, of all kinds together.
    package static let maximumNodes = 2000

    /// The number of its parts, itself included: what checking it costs, roughly.
    var nodeCount: Int {
        switch self {
        case .and(let filters), .or(let filters): filters.reduce(1) { $0 + $1.nodeCount }
        case .not(let filter): 1 + filter.nodeCount
        default: 1
        }
    }

    /// - Throws: `malformed`; `tooComplex` beyond either limit.
    init(_ element: BERElement) throws(BERError) {
        var nodes = 0
        try self.init(element, depth: 1, nodes: &nodes)
    }

    private init(_ element: BERElement, depth: Int, nodes: inout Int) throws(BERError) {
        nodes += 1
        guard depth <= Self.maximumDepth, nodes <= Self.maximumNodes else {
            throw BERError(.tooComplex, "the filter has too many parts, or too many levels")
        }
        // The class is "context-specific"; only the choice for an attribute is primitive.
        switch element.tag {
        case 0xA0: self = .and(try Self.list(element, depth: depth, nodes: &nodes))
        case 0xA1: self = .or(try Self.list(element, depth: depth, nodes: &nodes))
        case 0xA2:
            var components = try element.components()
            self = .not(try SearchFilter(try components.next(), depth: depth + 1, nodes: &nodes))
        case 0xA3: self = .equality(try AttributeValueAssertion(element))
        case 0xA4:
            let substrings = try SubstringFilter(element)
            nodes += substrings.parts.count
            self = .substrings(substrings)
        case 0xA5: self = .atLeast(try AttributeValueAssertion(element))
        case 0xA6: self = .atMost(try AttributeValueAssertion(element))
        case 0x87: self = .present(element.content)
        case 0xA8: self = .approximate(try AttributeValueAssertion(element))
        case 0xA9: self = .extensible(try MatchingRuleAssertion(element))
        default:
            guard element.tag >> 6 == 2, element.tag & 0x1F > 9 else {
                throw BERError(.malformed, "a filter was expected")
            }
            self = .unknown
        }
    }

    private static func list(
        _ element: BERElement, depth: Int, nodes: inout Int
    ) throws(BERError) -> [SearchFilter] {
        var components = try element.components()
        var filters: [SearchFilter] = []
        while !components.isAtEnd {
            filters.append(try SearchFilter(try components.next(), depth: depth + 1, nodes: &nodes))
        }
        return filters
    }
}
