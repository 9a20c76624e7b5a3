// Making a filter of parts whose truth may be known already: what is known is not asked again of each user.
extension Filter {
    /// As `all`, without the parts that are true, and false at once where one is.
    package static func allOf(_ filters: some Sequence<Filter>) -> Filter {
        combined(filters, unit: .yes, zero: .no) { .all($0) }
    }

    /// As `any`, without the parts that are false, and true at once where one is.
    package static func anyOf(_ filters: some Sequence<Filter>) -> Filter {
        combined(filters, unit: .no, zero: .yes) { .any($0) }
    }

    /// As `not`.
    package static func negation(of filter: Filter) -> Filter {
        if case .constant(let truth) = filter { return .constant(truth.negated) }
        return .not(filter)
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
        // Undefined stays beside what is left: that may be the zero yet.
        if isUndefined { kept.append(.constant(.undefined)) }
        switch kept.count {
        case 0: return .constant(unit)
        case 1: return kept[0]
        default: return join(kept)
        }
    }

    /// The truth of the filter where it is the same for everybody.
    package var constant: Truth? {
        if case .constant(let truth) = self { return truth }
        return nil
    }
}
