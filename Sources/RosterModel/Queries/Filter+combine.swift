// Combines filters, some of which may be constant, so that constants are not evaluated again for each user.
extension Filter {
    /// Like `all`, without the true parts; false if any part is false.
    package static func allOf(_ filters: some Sequence<Filter>) -> Filter {
        combined(filters, unit: .yes, zero: .no) { .all($0) }
    }

    /// Like `any`, without the false parts; true if any part is true.
    package static func anyOf(_ filters: some Sequence<Filter>) -> Filter {
        combined(filters, unit: .no, zero: .yes) { .any($0) }
    }

    /// Like `not`; a constant is negated at once.
    package static func negation(of filter: Filter) -> Filter {
        if case .constant(let truth) = filter { return .constant(truth.negated) }
        return .not(filter)
    }

    /// The number of its parts, itself included: what checking it costs, roughly.
    package var nodeCount: Int {
        switch self {
        case .all(let filters), .any(let filters): filters.reduce(1) { $0 + $1.nodeCount }
        case .not(let filter): 1 + filter.nodeCount
        default: 1
        }
    }

    private static func combined(
        _ filters: some Sequence<Filter>, unit: Truth, zero: Truth, _ join: ([Filter]) -> Filter
    ) -> Filter {
        var kept: [Filter] = []
        var isUndefined = false
        for filter in filters {
            switch filter {
            case .constant(zero): return filter
            case .constant(.undefined): isUndefined = true
            case .constant: break
            default: kept.append(filter)
            }
        }
        // Undefined must stay: one of the other parts may still decide the result.
        if isUndefined { kept.append(.constant(.undefined)) }
        switch kept.count {
        case 0: return .constant(unit)
        case 1: return kept[0]
        default: return join(kept)
        }
    }

    /// The value of a constant filter; nil if the filter depends on the user.
    package var constant: Truth? {
        if case .constant(let truth) = self { return truth }
        return nil
    }
}
