import RosterModel

extension SearchFilter {
    /// Whether the entry certainly does not match. Decided without building it, because nearly every search skips it.
    func isNever(of entry: ClusterEntry) -> Bool { isNever(of: entry.objectClasses, having: entry.attributes) }

    /// Whether no entry with exactly these classes can match; it may have these attributes and operational ones.
    func isNever(of classes: [ObjectClass], having attributes: AttributeSet) -> Bool {
        switch self {
        case .and(let filters): filters.contains { $0.isNever(of: classes, having: attributes) }
        case .or(let filters): filters.allSatisfy { $0.isNever(of: classes, having: attributes) }
        case .equality(let assertion):
            switch AttributeType(assertion.attribute) {
            case .objectClass: ObjectClass(assertion.value).map { !classes.contains($0) } ?? true
            case let type?: !type.isOperational && type.subtypes.isEmpty && !attributes.contains(type)
            case nil: false
            }
        default: false
        }
    }
}
