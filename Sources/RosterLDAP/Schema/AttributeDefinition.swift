import RosterModel

/// All that is known of an attribute: what the schema publishes (RFC 4512 section 4.1.2), which entries have it, and where
/// the value of a user is read.
struct AttributeDefinition: Sendable {
    let oid: String
    /// The one that entries have first.
    let names: [String]
    let syntax: Syntax
    var equality: MatchingRule?
    var hasOrdering = false
    var hasSubstrings = false
    var isSingle = false
    var usage = Usage.userApplications
    /// The object classes whose entries must have it.
    var requiredBy: [ObjectClass] = []
    /// The object classes whose entries may have it.
    var allowedBy: [ObjectClass] = []
    /// Nil where users do not have the attribute.
    var user: UserAttributeValue?

    enum Usage: Sendable {
        case userApplications
        /// Maintained by the server, and returned on request only.
        case directoryOperation
        /// Of the server itself.
        case dSAOperation
    }

    /// `AttributeTypeDescription` of RFC 4512 section 4.1.2.
    var description: String {
        let quoted = names.map { "'\($0)'" }
        var text = "( \(oid) NAME \(quoted.count == 1 ? quoted[0] : "( " + quoted.joined(separator: " ") + " )")"
        if let equality {
            text += " EQUALITY \(equality.rawValue)"
            if hasOrdering, let ordering = equality.ordering { text += " ORDERING \(ordering)" }
            if hasSubstrings, let substrings = equality.substrings { text += " SUBSTR \(substrings)" }
        }
        text += " SYNTAX \(syntax.rawValue)"
        if isSingle { text += " SINGLE-VALUE" }
        switch usage {
        case .userApplications: break
        case .directoryOperation: text += " NO-USER-MODIFICATION USAGE directoryOperation"
        case .dSAOperation: text += " USAGE dSAOperation"
        }
        return text + " )"
    }
}

/// Kinds of attributes that differ in little but their names.
extension AttributeDefinition {
    /// Words, without regard to case.
    static func directoryString(
        _ oid: String, _ names: String..., isSingle: Bool = false, requiredBy: [ObjectClass] = [],
        allowedBy: [ObjectClass] = [], user: UserAttributeValue? = nil
    ) -> Self {
        Self(
            oid: oid, names: names, syntax: .directoryString, equality: .caseIgnore, hasSubstrings: true,
            isSingle: isSingle, requiredBy: requiredBy, allowedBy: allowedBy, user: user)
    }

    /// A path: ASCII, in which case counts.
    static func path(
        _ oid: String, _ name: String, requiredBy: [ObjectClass] = [], allowedBy: [ObjectClass] = [],
        user: UserAttributeValue
    ) -> Self {
        Self(
            oid: oid, names: [name], syntax: .ia5String, equality: .caseExactIA5, isSingle: true,
            requiredBy: requiredBy, allowedBy: allowedBy, user: user)
    }

    /// A name or a word of a person, without regard to case.
    static func person(
        _ oid: String, _ names: String..., attribute: UserAttribute, allowedBy: [ObjectClass] = [.inetOrgPerson]
    ) -> Self {
        Self(
            oid: oid, names: names, syntax: .directoryString, equality: .caseIgnore, hasSubstrings: true,
            isSingle: !attribute.isMultiple, allowedBy: allowedBy, user: .person(attribute))
    }

    static func number(
        _ oid: String, _ name: String, isOrdered: Bool = false, requiredBy: [ObjectClass] = [],
        allowedBy: [ObjectClass] = [], user: UserAttributeValue
    ) -> Self {
        Self(
            oid: oid, names: [name], syntax: .integer, equality: .integer, hasOrdering: isOrdered, isSingle: true,
            requiredBy: requiredBy, allowedBy: allowedBy, user: user)
    }

    /// An attribute of map entries, whose values are as the model says.
    static func map(
        _ oid: String, _ attribute: MapAttribute, hasSubstrings: Bool = false, requiredBy: [ObjectClass] = [],
        allowedBy: [ObjectClass] = []
    ) -> Self {
        let (syntax, equality): (Syntax, MatchingRule) =
            switch attribute.syntax {
            case .text: (.directoryString, attribute.isCaseExact ? .caseExact : .caseIgnore)
            case .ascii: (.ia5String, attribute.isCaseExact ? .caseExactIA5 : .caseIgnoreIA5)
            case .integer: (.integer, .integer)
            case .time: (.generalizedTime, .generalizedTime)
            }
        return Self(
            oid: oid, names: [attribute.name], syntax: syntax, equality: equality,
            hasOrdering: equality == .integer || equality == .generalizedTime, hasSubstrings: hasSubstrings,
            isSingle: attribute.isSingle, requiredBy: requiredBy, allowedBy: allowedBy)
    }

    /// An operational attribute with one value.
    static func operational(
        _ oid: String, _ name: String, _ syntax: Syntax, equality: MatchingRule, user: UserAttributeValue
    ) -> Self {
        Self(
            oid: oid, names: [name], syntax: syntax, equality: equality,
            hasOrdering: equality == .generalizedTime || equality == .uuid, isSingle: true, usage: .directoryOperation,
            user: user)
    }

    /// An attribute of the subschema.
    static func subschema(_ oid: String, _ name: String, _ syntax: Syntax, allowedBy: [ObjectClass] = []) -> Self {
        Self(oid: oid, names: [name], syntax: syntax, usage: .directoryOperation, allowedBy: allowedBy)
    }

    /// An attribute of the root.
    static func server(_ oid: String, _ name: String, _ syntax: Syntax) -> Self {
        Self(oid: oid, names: [name], syntax: syntax, usage: .dSAOperation)
    }
}
