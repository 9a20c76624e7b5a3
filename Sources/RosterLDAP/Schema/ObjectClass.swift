import RosterModel

/// The object classes of Roster's entries.
enum ObjectClass: String, CaseIterable, Sendable {
    case top, person, organizationalPerson, inetOrgPerson, posixAccount, shadowAccount, posixGroup
    case organizationalUnit, organization, domain, country, subschema, subentry

    /// Of that name, without regard to case, or of that object identifier.
    init?(_ name: ArraySlice<UInt8>) {
        guard let found = Self.names.value(of: name) else { return nil }
        self = found
    }

    private static let names = NameTable(allCases.flatMap { [($0.rawValue, $0), ($0.oid, $0)] })

    var oid: String {
        switch self {
        case .top: "2.5.6.0"
        case .person: "2.5.6.6"
        case .organizationalPerson: "2.5.6.7"
        case .inetOrgPerson: "2.16.840.1.113730.3.2.2"
        case .posixAccount: "1.3.6.1.1.1.2.0"
        case .shadowAccount: "1.3.6.1.1.1.2.1"
        case .posixGroup: "1.3.6.1.1.1.2.2"
        case .organizationalUnit: "2.5.6.5"
        case .organization: "2.5.6.4"
        case .domain: "0.9.2342.19200300.100.4.13"
        case .country: "2.5.6.2"
        case .subschema: "2.5.20.1"
        case .subentry: "2.5.17.0"
        }
    }

    /// `ObjectClassDescription` of RFC 4512 section 4.1.1, as far as Roster's entries make use of it.
    var description: String {
        let body =
            switch self {
            case .top: "ABSTRACT MUST objectClass"
            case .person: "SUP top STRUCTURAL MUST ( sn $ cn ) MAY ( userPassword $ description )"
            case .organizationalPerson: "SUP person STRUCTURAL MAY ou"
            case .inetOrgPerson: "SUP organizationalPerson STRUCTURAL MAY ( uid $ o )"
            case .posixAccount:
                "SUP top AUXILIARY MUST ( cn $ uid $ uidNumber $ gidNumber $ homeDirectory ) "
                    + "MAY ( userPassword $ loginShell $ gecos $ description )"
            case .shadowAccount:
                "SUP top AUXILIARY MUST uid MAY ( userPassword $ shadowLastChange $ shadowExpire $ description )"
            case .posixGroup:
                "SUP top STRUCTURAL MUST ( cn $ gidNumber ) MAY ( userPassword $ memberUid $ description )"
            case .organizationalUnit: "SUP top STRUCTURAL MUST ou MAY description"
            case .organization: "SUP top STRUCTURAL MUST o MAY description"
            case .domain: "SUP top STRUCTURAL MUST dc MAY ( description $ o )"
            case .country: "SUP top STRUCTURAL MUST c MAY description"
            case .subschema: "AUXILIARY MAY ( objectClasses $ attributeTypes $ matchingRules )"
            case .subentry: "SUP top STRUCTURAL MUST cn"
            }
        return "( \(oid) NAME '\(rawValue)' \(body) )"
    }
}

extension AttributeType {
    /// `AttributeTypeDescription` of RFC 4512 section 4.1.2.
    var description: String {
        let definition = definition
        let names =
            definition.names.count == 1
            ? "'\(definition.names[0])'" : "( " + definition.names.map { "'\($0)'" }.joined(separator: " ") + " )"
        var text = "( \(definition.oid) NAME \(names)"
        if let equality = definition.equality {
            text += " EQUALITY \(equality.rawValue)"
            if definition.hasOrdering, let ordering = equality.ordering { text += " ORDERING \(ordering)" }
            if definition.hasSubstrings, let substrings = equality.substrings { text += " SUBSTR \(substrings)" }
        }
        text += " SYNTAX \(definition.syntax.rawValue)"
        if definition.isSingle { text += " SINGLE-VALUE" }
        switch definition.usage {
        case .user: break
        case .operational: text += " NO-USER-MODIFICATION USAGE directoryOperation"
        case .server: text += " USAGE dSAOperation"
        }
        return text + " )"
    }
}
