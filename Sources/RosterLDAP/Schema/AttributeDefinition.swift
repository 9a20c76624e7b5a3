import RosterModel

/// All that is known of an attribute: what the schema publishes (RFC 4512 section 4.1.2), which entries have it, and where
/// the value of a user or of a group is read.
struct AttributeDefinition: Sendable {
    let oid: String
    /// The one that entries have first.
    let names: [String]
    /// What it is, in a few words: the `DESC` of the schema.
    let summary: String
    let syntax: Syntax
    /// The attribute of which it is a subtype (RFC 4512 section 2.5.1).
    var superior: String?
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
    /// Nil where groups do not have the attribute.
    var group: GroupAttributeValue?

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

/// Kinds of attributes that differ in little but their names.
extension AttributeDefinition {
    /// Texts under a rule that knows pieces of them: words without regard to case, if nothing else is said.
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

    /// A path: ASCII, in which case counts.
    static func path(
        _ oid: String, _ name: String, summary: String, requiredBy: [ObjectClass] = [], allowedBy: [ObjectClass] = [],
        user: UserAttributeValue? = nil
    ) -> Self {
        Self(
            oid: oid, names: [name], summary: summary, syntax: .ia5String, equality: .caseExactIA5, isSingle: true,
            requiredBy: requiredBy, allowedBy: allowedBy, user: user)
    }

    /// A word of a person, without regard to case.
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

    /// An attribute of map entries, whose values are as the model says.
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

    /// An operational attribute, with one value if nothing else is said.
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

    /// An attribute of the root.
    static func server(
        _ oid: String, _ name: String, summary: String, _ syntax: Syntax, equality: MatchingRule? = nil
    ) -> Self {
        Self(oid: oid, names: [name], summary: summary, syntax: syntax, equality: equality, usage: .dSAOperation)
    }
}
