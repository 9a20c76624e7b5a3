import RosterModel

/// Filter items about attributes that the site declares.
extension SearchFilter {
    /// The declared attribute that a single item is about; nil for any other attribute, and for one with options, which
    /// no entry has.
    func declaredAttribute(_ catalog: AttributeCatalog) -> UserAttribute? {
        attribute.flatMap { catalog.declaredAttribute(named: $0) }
    }

    /// The item as a test of one value; nil if it is Undefined: the value is invalid, or the syntax has no such rule.
    func valueTest(of attribute: UserAttribute) -> Filter.ValueTest? {
        guard case .declared(let syntax) = attribute.syntax else { return nil }
        switch self {
        case .present: return .present
        case .equality(let assertion), .approximate(let assertion): return syntax.test(equalTo: assertion.value)
        case .atLeast(let assertion): return syntax.test(.atLeast, assertion.value)
        case .atMost(let assertion): return syntax.test(.atMost, assertion.value)
        case .substrings(let substrings): return syntax == .text ? substrings.substring.map { .substring($0) } : nil
        case .extensible(let assertion):
            guard let name = assertion.rule else { return syntax.test(equalTo: assertion.value) }
            switch MatchingRule(name) {
            case let rule? where rule == syntax.equality: return syntax.test(equalTo: assertion.value)
            case .integerBitAnd?: return syntax.test(.allBits, assertion.value)
            case .integerBitOr?: return syntax.test(.anyBits, assertion.value)
            case let rule?:
                guard syntax == .text, let comparison = rule.textRule,
                    case .text(let text) = AssertedValue(assertion.value, under: rule)
                else { return nil }
                return .equals(text, comparison)
            case nil: return nil
            }
        case .and, .or, .not, .unknown: return nil
        }
    }
}

extension AttributeCatalog {
    /// The declared attribute with that name or object identifier.
    func declaredAttribute(named name: ArraySlice<UInt8>) -> UserAttribute? {
        declared.first { attribute in
            guard case .declared(let declaration) = attribute else { return false }
            return name.equalsIgnoringASCIICase(declaration.name.utf8) || name.elementsEqual(declaration.oid.utf8)
        }
    }
}

extension AttributeDeclaration.Syntax {
    /// The equality rule of the schema.
    var equality: MatchingRule {
        switch self {
        case .text: .caseIgnore
        case .integer: .integer
        case .boolean: .boolean
        case .dn: .distinguishedName
        case .binary: .octetString
        }
    }

    /// The syntax of the schema.
    private var published: Syntax {
        switch self {
        case .text: .directoryString
        case .integer: .integer
        case .boolean: .boolean
        case .dn: .distinguishedName
        case .binary: .octetString
        }
    }

    /// The definition that the schema publishes for an attribute of this syntax.
    func definition(of declaration: AttributeDeclaration) -> AttributeDefinition {
        AttributeDefinition(
            oid: declaration.oid, names: [declaration.name], summary: "declared by the site", syntax: published,
            equality: equality, hasOrdering: self == .integer, hasSubstrings: self == .text,
            isSingle: !declaration.isMultiple)
    }

    fileprivate func test(equalTo value: ArraySlice<UInt8>) -> Filter.ValueTest? {
        if self == .binary { return .bytes(Array(value)) }
        switch AssertedValue(value, under: equality) {
        case .text(let text): return equality.textRule.map { .equals(text, $0) }
        case .integer(let number): return .number(.equal, number)
        case .boolean(let truth): return .bytes(Array((truth ? "TRUE" : "FALSE").utf8))
        case .name(let name): return .name(name)
        default: return nil
        }
    }

    fileprivate func test(_ comparison: Filter.Comparison, _ value: ArraySlice<UInt8>) -> Filter.ValueTest? {
        guard self == .integer, case .integer(let number) = AssertedValue(value, under: .integer) else { return nil }
        return .number(comparison, number)
    }
}
