import RosterModel

extension Schema {
    /// The attributes of every server: those that entries have, then those that are only known.
    static let standard: Schema = {
        let names = Set(served.flatMap(\.names))
        // A served attribute replaces a known one of the same name.
        return Schema(served + known.filter { names.isDisjoint(with: $0.names) })
    }()

    /// When the published subschema last changed. Its entry shows this time, so that clients know whether to read it
    /// again.
    static let changeTime = "20261127110000Z"

    /// The attributes that entries have, in the order in which entries show them.
    ///
    /// This is the only place that defines attributes. The published subschema, the entries of users and groups, the
    /// meaning of filters and the selectors follow from it.
    private static let served: [AttributeDefinition] = [
        .value(
            "2.5.4.0", "objectClass", summary: "the classes of the entry", .objectIdentifier,
            equality: .objectIdentifier,
            requiredBy: [.top], user: .objectClass, group: .objectClass),
        .text(
            "0.9.2342.19200300.100.1.1", "uid", "userid", summary: "the name of an account",
            requiredBy: [.posixAccount, .shadowAccount, .account, .uidObject], allowedBy: [.inetOrgPerson],
            user: .username),
        .text(
            "2.5.4.3", "cn", "commonName", summary: "a name by which it is known", superior: "name",
            requiredBy: [
                .person, .posixAccount, .posixGroup, .groupOfNames, .groupOfUniqueNames, .device, .subentry,
                .applicationProcess, .organizationalRole, .documentSeries, .room, .ipService, .ipProtocol, .oncRpc,
                .ipHost,
                .ipNetwork, .nisNetgroup, .nisObject, .nisKeyObject, .sudoRole, .nsContainer,
            ], allowedBy: [.document, .rFC822localPart], user: .requiredName(.fullName), group: .name),
        .text(
            "2.5.4.4", "sn", "surname", summary: "the family name of a person", superior: "name", requiredBy: [.person],
            allowedBy: [.rFC822localPart], user: .requiredName(.surname)),
        .number(
            "1.3.6.1.1.1.1.0", "uidNumber", summary: "the number of an account", isOrdered: true,
            requiredBy: [.posixAccount], allowedBy: [.nisKeyObject], user: .number(.uidNumber)),
        .number(
            "1.3.6.1.1.1.1.1", "gidNumber", summary: "the number of a group", isOrdered: true,
            requiredBy: [.posixAccount, .posixGroup], user: .number(.gidNumber), group: .gidNumber),
        .path(
            "1.3.6.1.1.1.1.3", "homeDirectory", summary: "the path of the home directory", requiredBy: [.posixAccount],
            user: .text(.homeDirectory)),
        .path(
            "1.3.6.1.1.1.1.4", "loginShell", summary: "the path of the login shell", allowedBy: [.posixAccount],
            user: .text(.loginShell)),
        // RFC 2307 requires ASCII here, which would exclude most people's names.
        .text(
            "1.3.6.1.1.1.1.2", "gecos", summary: "the comment of an account", isSingle: true,
            allowedBy: [.posixAccount],
            user: .text(.gecos)),
        .number(
            "1.3.6.1.1.1.1.5", "shadowLastChange", summary: "the day of the last change of the password",
            allowedBy: [.shadowAccount], user: .day(.passwordTime)),
        .number(
            "1.3.6.1.1.1.1.10", "shadowExpire", summary: "the first day on which the account is expired",
            allowedBy: [.shadowAccount], user: .expiryDay),
        .number(
            "1.3.6.1.1.1.1.6", "shadowMin", summary: "the days before a password may be changed",
            allowedBy: [.shadowAccount], user: .person(.shadowMin)),
        .number(
            "1.3.6.1.1.1.1.7", "shadowMax", summary: "the days after which a password must be changed",
            allowedBy: [.shadowAccount], user: .person(.shadowMax)),
        .number(
            "1.3.6.1.1.1.1.8", "shadowWarning", summary: "the days of warning before a password expires",
            allowedBy: [.shadowAccount], user: .person(.shadowWarning)),
        .number(
            "1.3.6.1.1.1.1.9", "shadowInactive", summary: "the days that an expired password is still accepted",
            allowedBy: [.shadowAccount], user: .person(.shadowInactive)),
        .person(
            "2.5.4.42", "givenName", "gn", summary: "the given name of a person", superior: "name",
            attribute: .givenName),
        .person(
            "2.16.840.1.113730.3.1.241", "displayName", summary: "the name to show for a person",
            attribute: .displayName),
        .text(
            "0.9.2342.19200300.100.1.3", "mail", "rfc822Mailbox", summary: "a mail address", .ia5String,
            equality: .caseIgnoreIA5, allowedBy: [.inetOrgPerson], user: .person(.mail)),
        .text(
            "2.5.4.20", "telephoneNumber", summary: "a telephone number", .telephoneNumber, equality: .telephoneNumber,
            allowedBy: withTelephone, user: .person(.telephoneNumber)),
        .person(
            "2.5.4.12", "title", summary: "the title of a person", superior: "name", attribute: .title,
            allowedBy: [.organizationalPerson]),
        .person(
            "2.16.840.1.113730.3.1.2", "departmentNumber", summary: "the department of a person", attribute: .department
        ),
        .person(
            "2.16.840.1.113730.3.1.3", "employeeNumber", summary: "the number of an employee",
            attribute: .employeeNumber),
        .person(
            "2.16.840.1.113730.3.1.39", "preferredLanguage", summary: "the language that a person prefers",
            attribute: .preferredLanguage),
        .value(
            "0.9.2342.19200300.100.1.60", "jpegPhoto", summary: "a photo of a person", .jpeg,
            allowedBy: [.inetOrgPerson],
            user: .person(.photo)),
        .value(
            "1.3.6.1.4.1.24552.500.1.1.1.13", "sshPublicKey", summary: "a public key of SSH", .octetString,
            equality: .octetString, allowedBy: [.ldapPublicKey], user: .sshPublicKey),
        .person(
            "0.9.2342.19200300.100.1.9", "host", summary: "a host that may be used", attribute: .host,
            allowedBy: [.hostObject, .account]),
        .person(
            "1.3.6.1.4.1.5322.17.2.1", "authorizedService", summary: "a service that may be used",
            attribute: .authorizedService, allowedBy: [.authorizedServiceObject]),
        .text(
            "1.3.6.1.1.1.1.12", "memberUid", summary: "the user name of a member", .ia5String, equality: .caseExactIA5,
            allowedBy: [.posixGroup], group: .memberName),
        // RFC 4519 requires at least one member in these. Groups without members are common here, and rfc2307bis allows
        // them.
        .name(
            "2.5.4.31", "member", summary: "the entry of a member", superior: "distinguishedName",
            allowedBy: [.groupOfNames], group: .memberDN),
        .value(
            "2.5.4.50", "uniqueMember", summary: "the entry of a member, with a unique identifier", .nameAndOptionalUID,
            equality: .uniqueMember, allowedBy: [.groupOfUniqueNames], group: .memberDN),
        .text(
            "2.5.4.11", "ou", "organizationalUnitName", summary: "the name of a part of an organization",
            superior: "name",
            requiredBy: [.organizationalUnit],
            allowedBy: [
                .organizationalPerson, .groupOfNames, .groupOfUniqueNames, .organizationalRole, .applicationProcess,
                .device,
                .account, .document, .documentSeries,
            ]),
        .text(
            "0.9.2342.19200300.100.1.25", "dc", "domainComponent", summary: "a label of the DNS", .ia5String,
            equality: .caseIgnoreIA5, isSingle: true, requiredBy: [.domain, .dcObject]),
        .text(
            "2.5.4.10", "o", "organizationName", summary: "the name of an organization", superior: "name",
            requiredBy: [.organization],
            allowedBy: [
                .inetOrgPerson, .domain, .groupOfNames, .groupOfUniqueNames, .device, .account, .document,
                .documentSeries,
            ], user: .person(.organization)),
        .text(
            "2.5.4.6", "c", "countryName", summary: "the code of a country in two letters", .countryString,
            superior: "name", isSingle: true, requiredBy: [.country]),
        .text(
            "2.5.4.13", "description", summary: "what it is", allowedBy: described, user: .person(.description)),
        // sudoers.ldap(5).
        .map(
            "1.3.6.1.4.1.15953.9.1.1", .sudoUser, summary: "who may run the command", hasSubstrings: true,
            allowedBy: [.sudoRole]),
        .map(
            "1.3.6.1.4.1.15953.9.1.2", .sudoHost, summary: "where the rule holds", hasSubstrings: true,
            allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.3", .sudoCommand, summary: "what may be run", allowedBy: [.sudoRole]),
        .map(
            "1.3.6.1.4.1.15953.9.1.4", .sudoRunAs, summary: "as whom it may be run, in the older spelling",
            allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.5", .sudoOption, summary: "an option of sudo", allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.6", .sudoRunAsUser, summary: "as which user it may be run", allowedBy: [.sudoRole]),
        .map(
            "1.3.6.1.4.1.15953.9.1.7", .sudoRunAsGroup, summary: "as which group it may be run", allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.8", .sudoNotBefore, summary: "from when the rule holds", allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.9", .sudoNotAfter, summary: "until when the rule holds", allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.10", .sudoOrder, summary: "which rule of several counts", allowedBy: [.sudoRole]),
        // rfc2307bis.
        .map(
            "1.3.6.1.1.1.1.31", .automountMapName, summary: "the name of a map", hasSubstrings: true,
            requiredBy: [.automountMap]),
        .map(
            "1.3.6.1.1.1.1.32", .automountKey, summary: "what is mounted", hasSubstrings: true, requiredBy: [.automount]
        ),
        .map(
            "1.3.6.1.1.1.1.33", .automountInformation, summary: "how it is mounted", hasSubstrings: true,
            requiredBy: [.automount]),
        .map(
            "1.3.6.1.1.1.1.13", .memberNisNetgroup, summary: "a netgroup that is a member", hasSubstrings: true,
            allowedBy: [.nisNetgroup]),
        // RFC 2307 has a separate syntax here, and no matching rule.
        .map(
            "1.3.6.1.1.1.1.14", .nisNetgroupTriple, summary: "host, user and domain", hasSubstrings: true,
            allowedBy: [.nisNetgroup]),
        // Nobody can read it. It is known so that requests for it return nothing.
        .value(
            "2.5.4.35", "userPassword", summary: "a password", .octetString, requiredBy: [.simpleSecurityObject],
            allowedBy: [
                .person, .posixAccount, .shadowAccount, .posixGroup, .organization, .organizationalUnit, .domain,
            ]),
        .operational(
            "2.5.21.9", "structuralObjectClass", summary: "the structural class of the entry", .objectIdentifier,
            equality: .objectIdentifier, user: .structuralObjectClass, group: .structuralObjectClass),
        .operational(
            "1.3.6.1.1.16.4", "entryUUID", summary: "what names the entry for ever", .uuid, equality: .uuid,
            user: .entryUUID, group: .entryUUID),
        .operational(
            "1.3.6.1.1.20", "entryDN", summary: "the name of the entry", .distinguishedName,
            equality: .distinguishedName,
            user: .entryDN, group: .entryDN),
        .operational(
            "2.5.18.1", "createTimestamp", summary: "when the entry was made", .generalizedTime,
            equality: .generalizedTime, user: .time(.createTime), group: .createTime),
        .operational(
            "2.5.18.2", "modifyTimestamp", summary: "when the entry was last changed", .generalizedTime,
            equality: .generalizedTime, user: .time(.updateTime), group: .updateTime),
        .operational(
            "1.2.840.113556.1.2.102", "memberOf", summary: "a group of which the entry is a member", .distinguishedName,
            equality: .distinguishedName, isSingle: false, user: .memberOf),
        // Whether a user is locked, as 389 Directory Server, Active Directory and ppolicy express it. They are
        // operational here, because the object classes of a user allow none of them.
        .operational(
            "2.16.840.1.113730.3.1.610", "nsAccountLock", summary: "whether the account is locked", .directoryString,
            equality: .caseIgnore, user: .lockSign(.nsAccountLock)),
        .operational(
            "1.2.840.113556.1.4.8", "userAccountControl", summary: "bits of an account; 2 is disabled", .integer,
            equality: .integer, user: .lockSign(.userAccountControl)),
        .operational(
            "1.2.840.113556.1.4.159", "accountExpires", summary: "the expiry, in 100 nanoseconds since 1601", .integer,
            equality: .integer, user: .accountExpires),
        .operational(
            "1.3.6.1.4.1.42.2.27.8.1.17", "pwdAccountLockedTime", summary: "when the account was locked",
            .generalizedTime,
            equality: .generalizedTime, user: .lockSign(.pwdAccountLockedTime)),
        .value(
            "1.3.6.1.4.1.42.2.27.8.1.1", "pwdAttribute", summary: "the attribute of the password", .objectIdentifier,
            equality: .objectIdentifier, requiredBy: [.pwdPolicy]),
        .value(
            "1.3.6.1.4.1.42.2.27.8.1.9", "pwdLockout", summary: "whether accounts are locked", .boolean,
            equality: .boolean,
            isSingle: true, allowedBy: [.pwdPolicy]),
        .operational(
            "2.5.18.9", "hasSubordinates", summary: "whether entries stand below", .boolean, equality: .boolean,
            user: .hasSubordinates, group: .hasSubordinates),
        .operational(
            "2.5.18.10", "subschemaSubentry", summary: "the entry that describes this one", .distinguishedName,
            equality: .distinguishedName, user: .subschemaSubentry, group: .subschemaSubentry),
        .server(
            "1.3.6.1.4.1.1466.101.120.5", "namingContexts", summary: "the bases of the server", .distinguishedName,
            equality: .distinguishedName),
        .server(
            "1.3.6.1.4.1.1466.101.120.13", "supportedControl", summary: "a control of the server", .objectIdentifier),
        .server(
            "1.3.6.1.4.1.1466.101.120.7", "supportedExtension", summary: "an extended operation of the server",
            .objectIdentifier),
        .server("1.3.6.1.4.1.4203.1.3.5", "supportedFeatures", summary: "a feature of the server", .objectIdentifier),
        .server(
            "1.3.6.1.4.1.1466.101.120.15", "supportedLDAPVersion", summary: "a version of the protocol", .integer,
            equality: .integer),
        .server("1.3.6.1.1.4", "vendorName", summary: "who made the server", .directoryString, equality: .caseExact),
        .server("1.3.6.1.1.5", "vendorVersion", summary: "which server it is", .directoryString, equality: .caseExact),
        .operational(
            "2.5.18.6", "subtreeSpecification", summary: "what a subentry is about", .subtreeSpecification,
            equality: nil,
            requiredBy: [.subentry]),
        .operational(
            "2.5.21.6", "objectClasses", summary: "the definition of an object class", .objectClassDescription,
            equality: .objectIdentifierFirstComponent, isSingle: false, allowedBy: [.subschema]),
        .operational(
            "2.5.21.5", "attributeTypes", summary: "the definition of an attribute", .attributeTypeDescription,
            equality: .objectIdentifierFirstComponent, isSingle: false, allowedBy: [.subschema]),
        .operational(
            "1.3.6.1.4.1.1466.101.120.16", "ldapSyntaxes", summary: "the definition of a syntax", .syntaxDescription,
            equality: .objectIdentifierFirstComponent, isSingle: false),
        .operational(
            "2.5.21.4", "matchingRules", summary: "the definition of a matching rule", .matchingRuleDescription,
            equality: .objectIdentifierFirstComponent, isSingle: false, allowedBy: [.subschema]),
    ]
}
