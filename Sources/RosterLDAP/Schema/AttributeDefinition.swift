import RosterModel

/// The definition of an attribute: what the schema publishes (RFC 4512 section 4.1.2), which entries have it, and where
/// the value of a user or group comes from.
struct AttributeDefinition: Sendable {
    let oid: String
    /// The names; entries use the first one.
    let names: [String]
    /// A short description: the `DESC` of the schema.
    let summary: String
    let syntax: Syntax
    /// The attribute's supertype (RFC 4512 section 2.5.1).
    var superior: String?
    var equality: MatchingRule?
    var hasOrdering = false
    var hasSubstrings = false
    var isSingle = false
    var usage = Usage.userApplications
    /// The object classes whose entries must have the attribute.
    var requiredBy: [ObjectClass] = []
    /// The object classes whose entries may have the attribute.
    var allowedBy: [ObjectClass] = []
    /// Nil if users do not have the attribute.
    var user: UserAttributeValue?
    /// Nil if groups do not have the attribute.
    var group: GroupAttributeValue?

    enum Usage: Sendable {
        case userApplications
        /// Maintained by the server, and returned on request only.
        case directoryOperation
        /// Specific to the server itself.
        case dSAOperation
    }

    /// `AttributeTypeDescription` of RFC 4512 section 4.1.2.
    var description: String {
        let quoted = names.map { "'\($0)'" }
        var text = "( \(oid) NAME \(quoted.count == 1 ? quoted[0] : "( " + quoted.joined(separator: " ") + " )")"
        text += " DESC '\(summary)'"
        if let superior { text += " SUP \(superior)" }
        if let equality {
            text += " EQUALITY \(equality.rawValue)"
            if hasOrdering, let ordering = equality.ordering { text += " ORDERING \(ordering.name)" }
            if hasSubstrings, let substrings = equality.substrings { text += " SUBSTR \(substrings.name)" }
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

/// Kinds of attributes that differ only in a few fields.
extension AttributeDefinition {
    /// Text with a substring rule, compared ignoring case unless another rule is given.
    static func text(
        _ oid: String, _ names: String..., summary: String, _ syntax: Syntax = .directoryString,
        equality: MatchingRule = .caseIgnore, superior: String? = nil, isSingle: Bool = false,
        requiredBy: [ObjectClass] = [], allowedBy: [ObjectClass] = [], user: UserAttributeValue? = nil,
        group: GroupAttributeValue? = nil
    ) -> Self {
        Self(
            oid: oid, names: names, summary: summary, syntax: syntax, superior: superior, equality: equality,
            hasSubstrings: true, isSingle: isSingle, requiredBy: requiredBy, allowedBy: allowedBy, user: user,
            group: group)
    }

    /// A path: ASCII, case-sensitive.
    static func path(
        _ oid: String, _ name: String, summary: String, requiredBy: [ObjectClass] = [], allowedBy: [ObjectClass] = [],
        user: UserAttributeValue? = nil
    ) -> Self {
        Self(
            oid: oid, names: [name], summary: summary, syntax: .ia5String, equality: .caseExactIA5, isSingle: true,
            requiredBy: requiredBy, allowedBy: allowedBy, user: user)
    }

    /// A text about a person, ignoring case.
    static func person(
        _ oid: String, _ names: String..., summary: String, superior: String? = nil, attribute: UserAttribute,
        allowedBy: [ObjectClass] = [.inetOrgPerson]
    ) -> Self {
        Self(
            oid: oid, names: names, summary: summary, syntax: .directoryString, superior: superior,
            equality: .caseIgnore, hasSubstrings: true, isSingle: !attribute.isMultiple, allowedBy: allowedBy,
            user: .person(attribute))
    }

    /// A number.
    static func number(
        _ oid: String, _ name: String, summary: String, isOrdered: Bool = false, requiredBy: [ObjectClass] = [],
        allowedBy: [ObjectClass] = [], user: UserAttributeValue? = nil, group: GroupAttributeValue? = nil
    ) -> Self {
        Self(
            oid: oid, names: [name], summary: summary, syntax: .integer, equality: .integer, hasOrdering: isOrdered,
            isSingle: true, requiredBy: requiredBy, allowedBy: allowedBy, user: user, group: group)
    }

    /// Names of entries.
    static func name(
        _ oid: String, _ names: String..., summary: String, superior: String? = nil, isSingle: Bool = false,
        requiredBy: [ObjectClass] = [], allowedBy: [ObjectClass] = [], group: GroupAttributeValue? = nil
    ) -> Self {
        Self(
            oid: oid, names: names, summary: summary, syntax: .distinguishedName, superior: superior,
            equality: .distinguishedName, isSingle: isSingle, requiredBy: requiredBy, allowedBy: allowedBy, group: group
        )
    }

    /// Values of any other syntax.
    static func value(
        _ oid: String, _ names: String..., summary: String, _ syntax: Syntax, equality: MatchingRule? = nil,
        isSingle: Bool = false, requiredBy: [ObjectClass] = [], allowedBy: [ObjectClass] = [],
        user: UserAttributeValue? = nil, group: GroupAttributeValue? = nil
    ) -> Self {
        Self(
            oid: oid, names: names, summary: summary, syntax: syntax, equality: equality, isSingle: isSingle,
            requiredBy: requiredBy, allowedBy: allowedBy, user: user, group: group)
    }

    /// An attribute of map entries, with the syntax that the model defines.
    static func map(
        _ oid: String, _ attribute: MapAttribute, summary: String, hasSubstrings: Bool = false,
        requiredBy: [ObjectClass] = [], allowedBy: [ObjectClass] = []
    ) -> Self {
        let (syntax, equality): (Syntax, MatchingRule) =
            switch attribute.syntax {
            case .text: (.directoryString, attribute.isCaseExact ? .caseExact : .caseIgnore)
            case .ascii: (.ia5String, attribute.isCaseExact ? .caseExactIA5 : .caseIgnoreIA5)
            case .integer: (.integer, .integer)
            case .time: (.generalizedTime, .generalizedTime)
            }
        return Self(
            oid: oid, names: [attribute.name], summary: summary, syntax: syntax, equality: equality,
            hasOrdering: equality == .integer || equality == .generalizedTime, hasSubstrings: hasSubstrings,
            isSingle: attribute.isSingle, requiredBy: requiredBy, allowedBy: allowedBy)
    }

    /// An operational attribute, single-valued by default.
    static func operational(
        _ oid: String, _ name: String, summary: String, _ syntax: Syntax, equality: MatchingRule?,
        isSingle: Bool = true, requiredBy: [ObjectClass] = [], allowedBy: [ObjectClass] = [],
        user: UserAttributeValue? = nil, group: GroupAttributeValue? = nil
    ) -> Self {
        Self(
            oid: oid, names: [name], summary: summary, syntax: syntax, equality: equality,
            hasOrdering: equality?.ordering != nil && equality?.textRule == nil, isSingle: isSingle,
            usage: .directoryOperation,
            requiredBy: requiredBy, allowedBy: allowedBy, user: user, group: group)
    }

    /// An attribute of the root entry.
    static func server(
        _ oid: String, _ name: String, summary: String, _ syntax: Syntax, equality: MatchingRule? = nil
    ) -> Self {
        Self(oid: oid, names: [name], summary: summary, syntax: syntax, equality: equality, usage: .dSAOperation)
    }
}
