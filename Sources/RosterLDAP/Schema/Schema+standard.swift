import RosterModel

extension Schema {
    /// The attributes of every server, in the order in which entries show them.
    ///
    /// This is the one place that says what an attribute is. What the subschema publishes, what entries of users show,
    /// what filters on users mean and which selectors exist follow from it.
    static let standard = Schema([
        AttributeDefinition(
            oid: "2.5.4.0", names: ["objectClass"], syntax: .objectIdentifier, equality: .objectIdentifier,
            requiredBy: [.top], user: .objectClass, group: .objectClass),
        .directoryString(
            "0.9.2342.19200300.100.1.1", "uid", "userid", requiredBy: [.posixAccount, .shadowAccount],
            allowedBy: [.inetOrgPerson], user: .username),
        .directoryString(
            "2.5.4.3", "cn", "commonName",
            requiredBy: [
                .person, .posixAccount, .posixGroup, .groupOfNames, .groupOfUniqueNames, .device, .subentry,
            ], user: .requiredName(.fullName), group: .name),
        .directoryString("2.5.4.4", "sn", "surname", requiredBy: [.person], user: .requiredName(.surname)),
        .number(
            "1.3.6.1.1.1.1.0", "uidNumber", isOrdered: true, requiredBy: [.posixAccount], user: .number(.uidNumber)),
        .number(
            "1.3.6.1.1.1.1.1", "gidNumber", isOrdered: true, requiredBy: [.posixAccount, .posixGroup],
            user: .number(.gidNumber), group: .gidNumber),
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
            hasSubstrings: true, allowedBy: [.posixGroup], group: .memberName),
        // RFC 4519 requires a member of each. Groups without one are usual here, and rfc2307bis allows them.
        AttributeDefinition(
            oid: "2.5.4.31", names: ["member"], syntax: .distinguishedName, equality: .distinguishedName,
            allowedBy: [.groupOfNames], group: .memberDN),
        AttributeDefinition(
            oid: "2.5.4.50", names: ["uniqueMember"], syntax: .nameAndOptionalUID, equality: .uniqueMember,
            allowedBy: [.groupOfUniqueNames], group: .memberDN),
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
                .person, .posixAccount, .shadowAccount, .posixGroup, .groupOfNames, .groupOfUniqueNames,
                .organizationalUnit, .organization, .domain, .country, .device,
            ], user: .person(.description)),
        // Nobody reads it: it is known so that clients that ask for it are told nothing.
        AttributeDefinition(
            oid: "2.5.4.35", names: ["userPassword"], syntax: .octetString,
            allowedBy: [.person, .posixAccount, .shadowAccount, .posixGroup]),
        .operational(
            "2.5.21.9", "structuralObjectClass", .objectIdentifier, equality: .objectIdentifier,
            user: .structuralObjectClass, group: .structuralObjectClass),
        .operational("1.3.6.1.1.16.4", "entryUUID", .uuid, equality: .uuid, user: .entryUUID, group: .entryUUID),
        .operational(
            "1.3.6.1.1.20", "entryDN", .distinguishedName, equality: .distinguishedName, user: .entryDN,
            group: .entryDN),
        .operational(
            "2.5.18.1", "createTimestamp", .generalizedTime, equality: .generalizedTime, user: .time(.createTime)),
        .operational(
            "2.5.18.2", "modifyTimestamp", .generalizedTime, equality: .generalizedTime, user: .time(.updateTime)),
        .operational(
            "1.2.840.113556.1.2.102", "memberOf", .distinguishedName, equality: .distinguishedName, isSingle: false,
            user: .memberOf),
        // Whether a user is locked, as 389 Directory Server, Active Directory and ppolicy tell it. They are operational here:
        // the object classes of a user allow none of them.
        .operational(
            "2.16.840.1.113730.3.1.610", "nsAccountLock", .directoryString, equality: .caseIgnore,
            user: .lockSign(.nsAccountLock)),
        .operational(
            "1.2.840.113556.1.4.8", "userAccountControl", .integer, equality: .integer,
            user: .lockSign(.userAccountControl)),
        .operational("1.2.840.113556.1.4.159", "accountExpires", .integer, equality: .integer, user: .accountExpires),
        .operational(
            "1.3.6.1.4.1.42.2.27.8.1.17", "pwdAccountLockedTime", .generalizedTime, equality: .generalizedTime,
            user: .lockSign(.pwdAccountLockedTime)),
        AttributeDefinition(
            oid: "1.3.6.1.4.1.42.2.27.8.1.1", names: ["pwdAttribute"], syntax: .objectIdentifier,
            equality: .objectIdentifier, requiredBy: [.pwdPolicy]),
        AttributeDefinition(
            oid: "1.3.6.1.4.1.42.2.27.8.1.9", names: ["pwdLockout"], syntax: .boolean, equality: .boolean,
            isSingle: true, allowedBy: [.pwdPolicy]),
        .operational(
            "2.5.18.9", "hasSubordinates", .boolean, equality: .boolean, user: .hasSubordinates,
            group: .hasSubordinates),
        .operational(
            "2.5.18.10", "subschemaSubentry", .distinguishedName, equality: .distinguishedName,
            user: .subschemaSubentry, group: .subschemaSubentry),
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
