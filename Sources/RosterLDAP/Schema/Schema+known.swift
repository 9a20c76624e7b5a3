import RosterModel

extension Schema {
    /// The classes whose entries have addresses and telephones.
    static let postal: [ObjectClass] = [
        .organizationalPerson, .residentialPerson, .organizationalRole, .organization, .organizationalUnit, .domain,
        .rFC822localPart,
    ]
    /// The classes whose entries have a telephone.
    static let withTelephone = postal + [.person, .room, .documentSeries]
    /// The classes whose entries have a description.
    static let described: [ObjectClass] = [
        .person, .posixAccount, .shadowAccount, .posixGroup, .groupOfNames, .groupOfUniqueNames, .organizationalUnit,
        .organization, .domain, .country, .device, .organizationalRole, .applicationProcess, .locality, .account,
        .document, .documentSeries, .room, .ipService, .ipProtocol, .oncRpc, .ipHost, .ipNetwork, .nisNetgroup, .nisMap,
        .nisObject, .nisKeyObject, .automountMap, .automount, .sudoRole,
    ]
    private static let withStreet = postal + [.locality]
    private static let withPlace: [ObjectClass] =
        postal + [
            .locality, .groupOfNames, .groupOfUniqueNames, .applicationProcess, .device, .account, .document,
            .documentSeries, .ipHost, .ipNetwork,
        ]
    private static let related: [ObjectClass] = [
        .person, .groupOfNames, .groupOfUniqueNames, .applicationProcess, .device, .locality, .organization,
        .organizationalUnit, .organizationalRole, .account, .document, .documentSeries, .domain, .room,
    ]
    private static let ofBusiness: [ObjectClass] = [
        .inetOrgPerson, .organization, .organizationalUnit, .residentialPerson, .domain, .groupOfNames,
        .groupOfUniqueNames,
    ]
    private static let owned: [ObjectClass] = [.device, .groupOfNames, .groupOfUniqueNames]

    /// The attributes that no entry has, of RFC 4512, 4519, 4523, 4524, 2079, 2307, 2798, 3296, rfc2307bis and ppolicy.
    /// A filter on one is false rather than Undefined.
    static let known = [
        definitionsOfSchema, definitionsOfNames, definitionsOfCosine, definitionsOfPersons, definitionsOfNIS,
        numbersOfPolicy, switchesOfPolicy, stateOfPolicy,
    ].flatMap { $0 }

    /// RFC 4512 and RFC 3296.
    private static let definitionsOfSchema: [AttributeDefinition] = [
        .name(
            "2.5.4.1", "aliasedObjectName", summary: "the entry that an alias stands for", isSingle: true,
            requiredBy: [.alias]),
        .operational(
            "2.5.18.3", "creatorsName", summary: "who made the entry", .distinguishedName, equality: .distinguishedName),
        .operational(
            "2.5.18.4", "modifiersName", summary: "who last changed the entry", .distinguishedName,
            equality: .distinguishedName),
        .operational(
            "2.5.21.10", "governingStructureRule", summary: "the rule of structure of the entry", .integer,
            equality: .integer),
        .operational(
            "2.5.21.1", "dITStructureRules", summary: "the definition of a rule of structure",
            .dITStructureRuleDescription,
            equality: .integerFirstComponent, isSingle: false, allowedBy: [.subschema]),
        .operational(
            "2.5.21.2", "dITContentRules", summary: "the definition of a rule of content", .dITContentRuleDescription,
            equality: .objectIdentifierFirstComponent, isSingle: false, allowedBy: [.subschema]),
        .operational(
            "2.5.21.7", "nameForms", summary: "the definition of a form of names", .nameFormDescription,
            equality: .objectIdentifierFirstComponent, isSingle: false, allowedBy: [.subschema]),
        .operational(
            "2.5.21.8", "matchingRuleUse", summary: "the attributes of a matching rule", .matchingRuleUseDescription,
            equality: .objectIdentifierFirstComponent, isSingle: false, allowedBy: [.subschema]),
        .server("1.3.6.1.4.1.1466.101.120.6", "altServer", summary: "another server with the same", .ia5String),
        .server(
            "1.3.6.1.4.1.1466.101.120.14", "supportedSASLMechanisms", summary: "a mechanism of SASL", .directoryString),
        .value(
            "2.16.840.1.113730.3.1.34", "ref", summary: "the URI of an entry elsewhere", .directoryString,
            equality: .caseExact, requiredBy: [.referral]),
    ]

    /// RFC 4519.
    private static let definitionsOfNames: [AttributeDefinition] = [
        .text("2.5.4.41", "name", summary: "the attribute of which names are subtypes"),
        .name("2.5.4.49", "distinguishedName", summary: "the attribute of which names of entries are subtypes"),
        .text(
            "2.5.4.15", "businessCategory", summary: "the kind of business",
            allowedBy: ofBusiness),
        .text("2.5.4.27", "destinationIndicator", summary: "where telegrams go", .printableString, allowedBy: postal),
        .text("2.5.4.46", "dnQualifier", summary: "what tells names apart", .printableString),
        .value("2.5.4.47", "enhancedSearchGuide", summary: "how to search", .enhancedGuide),
        .value(
            "2.5.4.23", "facsimileTelephoneNumber", "fax", summary: "a fax number", .facsimileTelephoneNumber,
            allowedBy: postal),
        .text("2.5.4.44", "generationQualifier", summary: "such as Jr.", superior: "name"),
        .text("2.5.4.51", "houseIdentifier", summary: "the name of a house"),
        .text(
            "2.5.4.43", "initials", summary: "the initials of a person", superior: "name", allowedBy: [.inetOrgPerson]),
        .text(
            "2.5.4.25", "internationalISDNNumber", summary: "an ISDN number", .numericString, equality: .numericString,
            allowedBy: postal),
        .text(
            "2.5.4.7", "l", "localityName", summary: "the name of a place", superior: "name",
            allowedBy: withPlace),
        .name("2.5.4.32", "owner", summary: "who owns it", superior: "distinguishedName", allowedBy: owned),
        .text("2.5.4.19", "physicalDeliveryOfficeName", summary: "the office of delivery", allowedBy: postal),
        .text(
            "2.5.4.16", "postalAddress", summary: "an address, line by line", .postalAddress, equality: .caseIgnoreList,
            allowedBy: postal),
        .text("2.5.4.17", "postalCode", summary: "a postal code", allowedBy: postal),
        .text("2.5.4.18", "postOfficeBox", summary: "a post office box", allowedBy: postal),
        .value(
            "2.5.4.28", "preferredDeliveryMethod", summary: "how to deliver", .deliveryMethod, isSingle: true,
            allowedBy: postal),
        .text(
            "2.5.4.26", "registeredAddress", summary: "an address for registered mail", .postalAddress,
            equality: .caseIgnoreList, superior: "postalAddress", allowedBy: postal),
        .name(
            "2.5.4.33", "roleOccupant", summary: "who has the role", superior: "distinguishedName",
            allowedBy: [.organizationalRole]),
        .value(
            "2.5.4.14", "searchGuide", summary: "how to search", .guide,
            allowedBy: [.country, .locality, .organization, .organizationalUnit, .domain]),
        .name(
            "2.5.4.34", "seeAlso", summary: "a related entry", superior: "distinguishedName",
            allowedBy: related),
        .text(
            "2.5.4.5", "serialNumber", summary: "the serial number of a device", .printableString, allowedBy: [.device]),
        .text(
            "2.5.4.8", "st", "stateOrProvinceName", summary: "the name of a state or province", superior: "name",
            allowedBy: withStreet),
        .text("2.5.4.9", "street", "streetAddress", summary: "the street of an address", allowedBy: withStreet),
        .value(
            "2.5.4.22", "teletexTerminalIdentifier", summary: "a teletex terminal", .teletexTerminalIdentifier,
            allowedBy: postal),
        .value("2.5.4.21", "telexNumber", summary: "a telex number", .telexNumber, allowedBy: postal),
        .text(
            "2.5.4.24", "x121Address", summary: "an address of X.121", .numericString, equality: .numericString,
            allowedBy: postal),
        .value(
            "2.5.4.45", "x500UniqueIdentifier", summary: "what tells names apart that are given again", .bitString,
            equality: .bitString, allowedBy: [.inetOrgPerson]),
    ]

    /// RFC 4524.
    private static let definitionsOfCosine: [AttributeDefinition] = [
        .text(
            "0.9.2342.19200300.100.1.37", "associatedDomain", summary: "a domain of the DNS", .ia5String,
            equality: .caseIgnoreIA5, requiredBy: [.domainRelatedObject]),
        .name("0.9.2342.19200300.100.1.38", "associatedName", summary: "the entry of a domain", allowedBy: [.domain]),
        .text("0.9.2342.19200300.100.1.48", "buildingName", summary: "the name of a building"),
        .text(
            "0.9.2342.19200300.100.1.43", "co", "friendlyCountryName", summary: "the usual name of a country",
            requiredBy: [.friendlyCountry]),
        .name(
            "0.9.2342.19200300.100.1.14", "documentAuthor", summary: "the author of a document", allowedBy: [.document]),
        .text(
            "0.9.2342.19200300.100.1.11", "documentIdentifier", summary: "what names a document",
            requiredBy: [.document]),
        .text("0.9.2342.19200300.100.1.15", "documentLocation", summary: "where a document is", allowedBy: [.document]),
        .text(
            "0.9.2342.19200300.100.1.56", "documentPublisher", summary: "who published a document",
            allowedBy: [.document]),
        .text(
            "0.9.2342.19200300.100.1.12", "documentTitle", summary: "the title of a document", allowedBy: [.document]),
        .text(
            "0.9.2342.19200300.100.1.13", "documentVersion", summary: "the version of a document",
            allowedBy: [.document]),
        .text("0.9.2342.19200300.100.1.5", "drink", "favouriteDrink", summary: "a favourite drink"),
        .text(
            "0.9.2342.19200300.100.1.20", "homePhone", "homeTelephoneNumber", summary: "a telephone number at home",
            .telephoneNumber, equality: .telephoneNumber, allowedBy: [.inetOrgPerson]),
        .text(
            "0.9.2342.19200300.100.1.39", "homePostalAddress", summary: "an address at home", .postalAddress,
            equality: .caseIgnoreList, allowedBy: [.inetOrgPerson]),
        .text("0.9.2342.19200300.100.1.4", "info", summary: "general information"),
        .name(
            "0.9.2342.19200300.100.1.10", "manager", summary: "the manager",
            allowedBy: [.inetOrgPerson, .ipHost, .ipNetwork]),
        .text(
            "0.9.2342.19200300.100.1.41", "mobile", "mobileTelephoneNumber", summary: "a mobile telephone number",
            .telephoneNumber, equality: .telephoneNumber, allowedBy: [.inetOrgPerson]),
        .text("0.9.2342.19200300.100.1.45", "organizationalStatus", summary: "the status in an organization"),
        .text(
            "0.9.2342.19200300.100.1.42", "pager", "pagerTelephoneNumber", summary: "the number of a pager",
            .telephoneNumber, equality: .telephoneNumber, allowedBy: [.inetOrgPerson]),
        .text("0.9.2342.19200300.100.1.40", "personalTitle", summary: "such as Dr."),
        .text(
            "0.9.2342.19200300.100.1.6", "roomNumber", summary: "the number of a room",
            allowedBy: [.inetOrgPerson, .room]),
        .name("0.9.2342.19200300.100.1.21", "secretary", summary: "the secretary", allowedBy: [.inetOrgPerson]),
        .text("0.9.2342.19200300.100.1.44", "uniqueIdentifier", summary: "what tells names apart that are given again"),
        .text("0.9.2342.19200300.100.1.8", "userClass", summary: "the kind of a user"),
    ]

    /// RFC 2798, and what inetOrgPerson takes from RFC 2079, 4523 and 1274.
    private static let definitionsOfPersons: [AttributeDefinition] = [
        .text(
            "2.16.840.1.113730.3.1.1", "carLicense", summary: "the license plate of a car", allowedBy: [.inetOrgPerson]),
        .text(
            "2.16.840.1.113730.3.1.4", "employeeType", summary: "the kind of employment", allowedBy: [.inetOrgPerson]),
        .value(
            "2.16.840.1.113730.3.1.40", "userSMIMECertificate", summary: "a certificate of S/MIME", .binary,
            allowedBy: [.inetOrgPerson]),
        .value(
            "2.16.840.1.113730.3.1.216", "userPKCS12", summary: "keys in PKCS #12", .binary, allowedBy: [.inetOrgPerson]
        ),
        .value(
            "1.3.6.1.4.1.250.1.57", "labeledURI", summary: "a URI with a label", .directoryString, equality: .caseExact,
            allowedBy: [.inetOrgPerson, .labeledURIObject]),
        .value(
            "2.5.4.36", "userCertificate", summary: "a certificate of X.509", .certificate, allowedBy: [.inetOrgPerson]),
        .value("0.9.2342.19200300.100.1.55", "audio", summary: "a sound", .audio, allowedBy: [.inetOrgPerson]),
        .value(
            "0.9.2342.19200300.100.1.7", "photo", summary: "a photo as a fax", .octetString, allowedBy: [.inetOrgPerson]
        ),
    ]

    /// RFC 2307 and rfc2307bis.
    private static let definitionsOfNIS: [AttributeDefinition] = [
        .number("1.3.6.1.1.1.1.11", "shadowFlag", summary: "kept for later use", allowedBy: [.shadowAccount]),
        .number("1.3.6.1.1.1.1.15", "ipServicePort", summary: "the port of a service", requiredBy: [.ipService]),
        .text(
            "1.3.6.1.1.1.1.16", "ipServiceProtocol", summary: "the protocol of a service", superior: "name",
            requiredBy: [.ipService]),
        .number("1.3.6.1.1.1.1.17", "ipProtocolNumber", summary: "the number of a protocol", requiredBy: [.ipProtocol]),
        .number("1.3.6.1.1.1.1.18", "oncRpcNumber", summary: "the number of a program", requiredBy: [.oncRpc]),
        .text(
            "1.3.6.1.1.1.1.19", "ipHostNumber", summary: "the address of a host", .ia5String, equality: .caseIgnoreIA5,
            requiredBy: [.ipHost]),
        .text(
            "1.3.6.1.1.1.1.20", "ipNetworkNumber", summary: "the address of a network", .ia5String,
            equality: .caseIgnoreIA5, isSingle: true, requiredBy: [.ipNetwork]),
        .text(
            "1.3.6.1.1.1.1.21", "ipNetmaskNumber", summary: "the mask of a network", .ia5String,
            equality: .caseIgnoreIA5,
            isSingle: true, allowedBy: [.ipNetwork]),
        .text(
            "1.3.6.1.1.1.1.22", "macAddress", summary: "a MAC address", .ia5String, equality: .caseIgnoreIA5,
            allowedBy: [.ieee802Device]),
        .text(
            "1.3.6.1.1.1.1.23", "bootParameter", summary: "a parameter of booting", .ia5String, equality: .caseExactIA5,
            allowedBy: [.bootableDevice]),
        .text(
            "1.3.6.1.1.1.1.24", "bootFile", summary: "the file to boot from", .ia5String, equality: .caseExactIA5,
            allowedBy: [.bootableDevice]),
        .text(
            "1.3.6.1.1.1.1.26", "nisMapName", summary: "the name of a map", superior: "name",
            requiredBy: [.nisMap, .nisObject]),
        .text(
            "1.3.6.1.1.1.1.27", "nisMapEntry", summary: "an entry of a map", .ia5String, equality: .caseExactIA5,
            isSingle: true, requiredBy: [.nisObject]),
        .value(
            "1.3.6.1.1.1.1.28", "nisPublicKey", summary: "a public key of secure RPC", .octetString,
            equality: .octetString,
            isSingle: true, requiredBy: [.nisKeyObject]),
        .value(
            "1.3.6.1.1.1.1.29", "nisSecretKey", summary: "a secret key of secure RPC", .octetString,
            equality: .octetString,
            isSingle: true, requiredBy: [.nisKeyObject]),
        .text(
            "1.3.6.1.1.1.1.30", "nisDomain", summary: "a domain of NIS", .ia5String, equality: .caseIgnoreIA5,
            requiredBy: [.nisDomainObject]),
    ]

    private static func policy(_ number: Int) -> String { "1.3.6.1.4.1.42.2.27.8.1.\(number)" }

    private static let numbersOfPolicy: [AttributeDefinition] = [
        (2, "pwdMinAge", "the seconds before a password may be changed"),
        (3, "pwdMaxAge", "the seconds after which a password expires"),
        (4, "pwdInHistory", "how many former passwords are kept"),
        (5, "pwdCheckQuality", "how passwords are checked"), (6, "pwdMinLength", "the least length of a password"),
        (7, "pwdExpireWarning", "the seconds of warning before a password expires"),
        (8, "pwdGraceAuthNLimit", "how often an expired password may be used"),
        (10, "pwdLockoutDuration", "the seconds of a lock"), (11, "pwdMaxFailure", "the failures before a lock"),
        (12, "pwdFailureCountInterval", "the seconds that failures count"),
        (24, "pwdMinDelay", "the least seconds before a failure is answered"),
        (25, "pwdMaxDelay", "the most seconds before a failure is answered"),
        (26, "pwdMaxIdle", "the seconds without a bind before a lock"),
        (30, "pwdGraceExpiry", "the seconds that an expired password may be used"),
        (31, "pwdMaxLength", "the greatest length of a password"),
        (32, "pwdMaxRecordedFailure", "how many failures are recorded"),
    ].map { number, name, summary in
        .number(policy(number), name, summary: summary, isOrdered: true, allowedBy: [.pwdPolicy])
    }

    private static let switchesOfPolicy: [AttributeDefinition] = [
        (13, "pwdMustChange", "whether a reset password must be changed"),
        (14, "pwdAllowUserChange", "whether users may change their passwords"),
        (15, "pwdSafeModify", "whether a change needs the old password"),
    ].map { number, name, summary in
        .value(
            policy(number), name, summary: summary, .boolean, equality: .boolean, isSingle: true,
            allowedBy: [.pwdPolicy])
    }

    /// ppolicy's state of an account.
    private static let stateOfPolicy: [AttributeDefinition] = [
        .operational(
            policy(16), "pwdChangedTime", summary: "when the password was last changed", .generalizedTime,
            equality: .generalizedTime),
        .operational(
            policy(19), "pwdFailureTime", summary: "when a bind failed", .generalizedTime, equality: .generalizedTime,
            isSingle: false),
        .operational(
            policy(20), "pwdHistory", summary: "a former password", .octetString, equality: .octetString,
            isSingle: false),
        .operational(
            policy(21), "pwdGraceUseTime", summary: "when an expired password was used", .generalizedTime,
            equality: .generalizedTime, isSingle: false),
        .operational(
            policy(22), "pwdReset", summary: "whether the password was reset", .boolean, equality: .boolean),
        .operational(
            policy(23), "pwdPolicySubentry", summary: "the policy of the account", .distinguishedName,
            equality: .distinguishedName),
        .operational(
            policy(27), "pwdStartTime", summary: "when the account begins", .generalizedTime,
            equality: .generalizedTime),
        .operational(
            policy(28), "pwdEndTime", summary: "when the account ends", .generalizedTime, equality: .generalizedTime),
        .operational(
            policy(29), "pwdLastSuccess", summary: "when a bind last succeeded", .generalizedTime,
            equality: .generalizedTime),
    ]
}
