import RosterModel

extension Schema {
    /// The attributes of every server, in the order in which entries show them.
    ///
    /// This is the one place that says what an attribute is. What the subschema publishes, what entries of users show,
    /// what filters on users mean and which selectors exist follow from it.
    static let standard = Schema([
        AttributeDefinition(
            oid: "2.5.4.0", names: ["objectClass"], syntax: .objectIdentifier, equality: .objectIdentifier,
            requiredBy: [.top], user: .objectClass),
        .directoryString(
            "0.9.2342.19200300.100.1.1", "uid", "userid", requiredBy: [.posixAccount, .shadowAccount],
            allowedBy: [.inetOrgPerson], user: .username),
        .directoryString(
            "2.5.4.3", "cn", "commonName",
            requiredBy: [.person, .posixAccount, .posixGroup, .subentry, .sudoRole, .nisNetgroup, .nsContainer],
            user: .requiredName(.fullName)),
        .directoryString("2.5.4.4", "sn", "surname", requiredBy: [.person], user: .requiredName(.surname)),
        .number(
            "1.3.6.1.1.1.1.0", "uidNumber", isOrdered: true, requiredBy: [.posixAccount], user: .number(.uidNumber)),
        .number(
            "1.3.6.1.1.1.1.1", "gidNumber", isOrdered: true, requiredBy: [.posixAccount, .posixGroup],
            user: .number(.gidNumber)),
        .path("1.3.6.1.1.1.1.3", "homeDirectory", requiredBy: [.posixAccount], user: .text(.homeDirectory)),
        .path("1.3.6.1.1.1.1.4", "loginShell", allowedBy: [.posixAccount], user: .text(.loginShell)),
        // RFC 2307 has ASCII here, which the names of most people are not.
        .directoryString(
            "1.3.6.1.1.1.1.2", "gecos", isSingle: true, allowedBy: [.posixAccount], user: .text(.gecos)),
        .number("1.3.6.1.1.1.1.5", "shadowLastChange", allowedBy: [.shadowAccount], user: .day(.passwordTime)),
        .number("1.3.6.1.1.1.1.10", "shadowExpire", allowedBy: [.shadowAccount], user: .expiryDay),
        .number("1.3.6.1.1.1.1.6", "shadowMin", allowedBy: [.shadowAccount], user: .person(.shadowMin)),
        .number("1.3.6.1.1.1.1.7", "shadowMax", allowedBy: [.shadowAccount], user: .person(.shadowMax)),
        .number("1.3.6.1.1.1.1.8", "shadowWarning", allowedBy: [.shadowAccount], user: .person(.shadowWarning)),
        .number("1.3.6.1.1.1.1.9", "shadowInactive", allowedBy: [.shadowAccount], user: .person(.shadowInactive)),
        .person("2.5.4.42", "givenName", "gn", attribute: .givenName),
        .person("2.16.840.1.113730.3.1.241", "displayName", attribute: .displayName),
        AttributeDefinition(
            oid: "0.9.2342.19200300.100.1.3", names: ["mail", "rfc822Mailbox"], syntax: .ia5String,
            equality: .caseIgnoreIA5, hasSubstrings: true, allowedBy: [.inetOrgPerson], user: .person(.mail)),
        .person(
            "2.5.4.20", "telephoneNumber", attribute: .telephoneNumber,
            allowedBy: [.person, .organizationalUnit, .organization, .domain]),
        .person("2.5.4.12", "title", attribute: .title, allowedBy: [.organizationalPerson]),
        .person("2.16.840.1.113730.3.1.2", "departmentNumber", attribute: .department),
        .person("2.16.840.1.113730.3.1.3", "employeeNumber", attribute: .employeeNumber),
        .person("2.16.840.1.113730.3.1.39", "preferredLanguage", attribute: .preferredLanguage),
        AttributeDefinition(
            oid: "0.9.2342.19200300.100.1.60", names: ["jpegPhoto"], syntax: .jpeg, allowedBy: [.inetOrgPerson],
            user: .person(.photo)),
        AttributeDefinition(
            oid: "1.3.6.1.4.1.24552.500.1.1.1.13", names: ["sshPublicKey"], syntax: .octetString,
            equality: .octetString, allowedBy: [.ldapPublicKey], user: .sshPublicKey),
        .person("0.9.2342.19200300.100.1.9", "host", attribute: .host, allowedBy: [.hostObject]),
        .person(
            "1.3.6.1.4.1.5322.17.2.1", "authorizedService", attribute: .authorizedService,
            allowedBy: [.authorizedServiceObject]),
        AttributeDefinition(
            oid: "1.3.6.1.1.1.1.12", names: ["memberUid"], syntax: .ia5String, equality: .caseExactIA5,
            hasSubstrings: true, allowedBy: [.posixGroup]),
        .directoryString(
            "2.5.4.11", "ou", "organizationalUnitName", requiredBy: [.organizationalUnit],
            allowedBy: [.organizationalPerson]),
        AttributeDefinition(
            oid: "0.9.2342.19200300.100.1.25", names: ["dc", "domainComponent"], syntax: .ia5String,
            equality: .caseIgnoreIA5, hasSubstrings: true, isSingle: true, requiredBy: [.domain]),
        .directoryString(
            "2.5.4.10", "o", "organizationName", requiredBy: [.organization], allowedBy: [.inetOrgPerson, .domain],
            user: .person(.organization)),
        .directoryString("2.5.4.6", "c", "countryName", requiredBy: [.country]),
        .directoryString(
            "2.5.4.13", "description",
            allowedBy: [
                .person, .posixAccount, .shadowAccount, .posixGroup, .organizationalUnit, .organization, .domain,
                .country, .sudoRole, .automountMap, .automount, .nisNetgroup,
            ], user: .person(.description)),
        // sudoers.ldap(5).
        .map("1.3.6.1.4.1.15953.9.1.1", .sudoUser, hasSubstrings: true, allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.2", .sudoHost, hasSubstrings: true, allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.3", .sudoCommand, allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.4", .sudoRunAs, allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.5", .sudoOption, allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.6", .sudoRunAsUser, allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.7", .sudoRunAsGroup, allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.8", .sudoNotBefore, allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.9", .sudoNotAfter, allowedBy: [.sudoRole]),
        .map("1.3.6.1.4.1.15953.9.1.10", .sudoOrder, allowedBy: [.sudoRole]),
        // rfc2307bis.
        .map("1.3.6.1.1.1.1.31", .automountMapName, hasSubstrings: true, requiredBy: [.automountMap]),
        .map("1.3.6.1.1.1.1.32", .automountKey, hasSubstrings: true, requiredBy: [.automount]),
        .map("1.3.6.1.1.1.1.33", .automountInformation, hasSubstrings: true, requiredBy: [.automount]),
        .map("1.3.6.1.1.1.1.13", .memberNisNetgroup, hasSubstrings: true, allowedBy: [.nisNetgroup]),
        // RFC 2307 has a syntax of its own here, and no rule to compare by.
        .map("1.3.6.1.1.1.1.14", .nisNetgroupTriple, hasSubstrings: true, allowedBy: [.nisNetgroup]),
        // Nobody reads it: it is known so that clients that ask for it are told nothing.
        AttributeDefinition(
            oid: "2.5.4.35", names: ["userPassword"], syntax: .octetString,
            allowedBy: [.person, .posixAccount, .shadowAccount, .posixGroup]),
        .operational(
            "2.5.21.9", "structuralObjectClass", .objectIdentifier, equality: .objectIdentifier,
            user: .structuralObjectClass),
        .operational("1.3.6.1.1.16.4", "entryUUID", .uuid, equality: .uuid, user: .entryUUID),
        .operational("1.3.6.1.1.20", "entryDN", .distinguishedName, equality: .distinguishedName, user: .entryDN),
        .operational(
            "2.5.18.1", "createTimestamp", .generalizedTime, equality: .generalizedTime, user: .time(.createTime)),
        .operational(
            "2.5.18.2", "modifyTimestamp", .generalizedTime, equality: .generalizedTime, user: .time(.updateTime)),
        .operational("2.5.18.9", "hasSubordinates", .boolean, equality: .boolean, user: .hasSubordinates),
        .operational(
            "2.5.18.10", "subschemaSubentry", .distinguishedName, equality: .distinguishedName,
            user: .subschemaSubentry),
        .server("1.3.6.1.4.1.1466.101.120.5", "namingContexts", .distinguishedName),
        .server("1.3.6.1.4.1.1466.101.120.13", "supportedControl", .objectIdentifier),
        .server("1.3.6.1.4.1.1466.101.120.7", "supportedExtension", .objectIdentifier),
        .server("1.3.6.1.4.1.4203.1.3.5", "supportedFeatures", .objectIdentifier),
        .server("1.3.6.1.4.1.1466.101.120.15", "supportedLDAPVersion", .integer),
        .server("1.3.6.1.1.4", "vendorName", .directoryString),
        .server("1.3.6.1.1.5", "vendorVersion", .directoryString),
        .subschema("2.5.21.6", "objectClasses", .objectClassDescription, allowedBy: [.subschema]),
        .subschema("2.5.21.5", "attributeTypes", .attributeTypeDescription, allowedBy: [.subschema]),
        .subschema("1.3.6.1.4.1.1466.101.120.16", "ldapSyntaxes", .syntaxDescription),
        .subschema("2.5.21.4", "matchingRules", .matchingRuleDescription, allowedBy: [.subschema]),
    ])
}
