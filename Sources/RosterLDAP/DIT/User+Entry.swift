import NIOCore
import RosterModel
import RosterSnapshot

/// A user as an entry of RFC 2307.
enum UserEntry {
    static let objectClasses: [ObjectClass] = [
        .top, .person, .organizationalPerson, .inetOrgPerson, .posixAccount, .shadowAccount,
    ]

    /// The object classes that an attribute adds to an entry, besides `objectClasses`.
    static let objectClassOfAttribute: KeyValuePairs<UserAttribute, ObjectClass> = [
        .sshPublicKey: .ldapPublicKey, .host: .hostObject, .authorizedService: .authorizedServiceObject,
    ]

    /// The encoded attribute of a user without additional classes: nearly every user has the same.
    static let objectClassAttribute: [UInt8] = {
        var writer = ResponseWriter(buffer: ByteBuffer())
        writer.attribute(.objectClass) { writer in
            for objectClass in objectClasses { writer.octets(objectClass.rawValue) }
        }
        return Array(writer.buffer.readableBytesView)
    }()

    static let structuralObjectClass = ObjectClass.inetOrgPerson

    /// Units of 100 nanoseconds since 1601-01-01, as in `accountExpires`.
    static func activeDirectoryTime(_ time: Timestamp) -> Int64 {
        (time.seconds + secondsFrom1601) * activeDirectoryUnits
    }

    static let secondsFrom1601: Int64 = 11_644_473_600
    static let activeDirectoryUnits: Int64 = 10_000_000

    /// The `shadowExpire` of a user who cannot log in: day 1 of the epoch, because some clients take 0 for no expiry.
    static let lockedDay: Int64 = 1
}

extension UserRow {
    /// Writes the user as a SearchResultEntry of the search `id`.
    /// - Parameters:
    ///   - parent: the UTF-8 of a comma and the DN of the parent entry.
    ///   - now: the time that decides who has expired.
    func write(
        id: Int32, selection: AttributeSelection, tree: DirectoryInformationTree, parent: [UInt8], now: Timestamp,
        to writer: inout ResponseWriter
    ) {
        withAttributes { attributes in
            writer.entry(id) { writer in
                withUsername { writer.name(tree.naming.prefix, $0, parent: parent) }
            } attributes: { writer in
                for (type, value) in Schema.standard.userAttributes where selection.contains(type) {
                    if selection.typesOnly {
                        if value.isPresent(in: self, now: now) { writer.attribute(type) { _ in } }
                    } else {
                        write(
                            value, of: type, attributes, catalog: selection.catalog, tree: tree, parent: parent,
                            now: now, to: &writer)
                    }
                }
                if !attributes.isEmpty {
                    for attribute in selection.declared {
                        Self.write(attribute, attributes, typesOnly: selection.typesOnly, to: &writer)
                    }
                }
            }
        }
    }

    /// Writes an attribute that the site declares.
    private static func write(
        _ attribute: UserAttribute, _ attributes: UnsafeBufferPointer<UInt8>, typesOnly: Bool,
        to writer: inout ResponseWriter
    ) {
        guard UserAttributes.hasValue(of: attribute, in: attributes) else { return }
        writer.attribute(named: attribute.name) { writer in
            guard !typesOnly else { return }
            UserAttributes.forEachValue(of: attribute, in: attributes) { value in
                writer.octets(value)
                return true
            }
        }
    }

    /// - Parameter attributes: the encoded `UserAttributes`.
    private func write(
        _ value: UserAttributeValue, of type: AttributeType, _ attributes: UnsafeBufferPointer<UInt8>,
        catalog: AttributeCatalog,
        tree: DirectoryInformationTree, parent: [UInt8], now: Timestamp, to writer: inout ResponseWriter
    ) {
        func has(_ attribute: UserAttribute) -> Bool { UserAttributes.hasValue(of: attribute, in: attributes) }
        func writeValues(of attribute: UserAttribute, and username: UnsafeBufferPointer<UInt8>? = nil) {
            guard username != nil || has(attribute) else { return }
            writer.attribute(type) { writer in
                UserAttributes.forEachValue(of: attribute, in: attributes) { value in
                    writer.octets(value)
                    return true
                }
                if let username { writer.octets(username) }
            }
        }
        switch value {
        case .objectClass:
            var further: [ObjectClass] = []
            if !attributes.isEmpty {
                further = UserEntry.objectClassOfAttribute.filter { has($0.key) }.map(\.value)
                if catalog.declared.contains(where: has) { further.append(.rosterSiteUser) }
            }
            guard !further.isEmpty else { return writer.write(UserEntry.objectClassAttribute) }
            writer.attribute(type) { writer in
                for objectClass in UserEntry.objectClasses + further {
                    writer.octets(objectClass.rawValue)
                }
            }
        case .person(let attribute): writeValues(of: attribute)
        case .sshPublicKey:
            guard isActive(at: now), hasSSHKey(at: now) else { return }
            writer.attribute(type) { writer in
                UserAttributes.forEachValue(of: .sshPublicKey, in: attributes) { key in
                    if !SSHPublicKey.isExpired(key, at: now) { writer.octets(key) }
                    return true
                }
            }
        case .requiredName(let attribute):
            withUsername { username in
                // The attribute that names the entry must have the value in its name (RFC 4512 section 2.3.1).
                let isNaming = type == .cn && tree.naming == .cn
                let isShown = UserAttributes.hasValue(of: attribute, in: attributes) { value in
                    !isNaming || value.elementsEqual(username)
                }
                writeValues(of: attribute, and: isShown ? nil : username)
            }
        case .structuralObjectClass: writer.attribute(type, UserEntry.structuralObjectClass.rawValue)
        case .username: withUsername { writer.attribute(type, $0) }
        case .text(let attribute):
            _ = withText(of: attribute) { text in
                if !text.isEmpty { writer.attribute(type, text) }
                return true
            }
        case .number(let attribute): writer.attribute(type, number: Int64(number(of: attribute)))
        case .day(let attribute): time(of: attribute).map { writer.attribute(type, number: $0.day) }
        case .expiryDay:
            if !isActive(at: now) {
                writer.attribute(type, number: UserEntry.lockedDay)
            } else if let expires {
                writer.attribute(type, number: expires.firstWholeDay)
            }
        case .lockSign(let sign): if !isActive(at: now) { writer.attribute(type, sign.text) }
        case .accountExpires: expires.map { writer.attribute(type, number: UserEntry.activeDirectoryTime($0)) }
        case .time(let attribute): time(of: attribute).map { writer.attribute(type, $0.generalizedTime) }
        case .memberOf:
            let groups = groups
            guard !groups.isEmpty else { return }
            let parent = tree.parentOfGroups(of: cluster)
            writer.attribute(type) { writer in
                for group in groups { writer.name("cn=", group.name, parent: parent) }
            }
        case .entryUUID: withID { writer.attribute(type, EntryUUID(user: $0).text) }
        case .entryDN:
            writer.attribute(type) { writer in withUsername { writer.name(tree.naming.prefix, $0, parent: parent) } }
        case .hasSubordinates: writer.attribute(type, "FALSE")
        case .subschemaSubentry: writer.attribute(type, DirectoryInformationTree.subschemaName)
        }
    }
}

extension ResponseWriter {
    /// The name of an entry, as an OCTET STRING.
    /// - Parameters:
    ///   - prefix: the attribute of the relative name, and an equals sign.
    ///   - value: the value of the relative name, without escapes.
    ///   - parent: the UTF-8 of a comma and the DN of the parent entry.
    mutating func name(_ prefix: StaticString, _ value: UnsafeBufferPointer<UInt8>, parent: [UInt8]) {
        if NameEscaping.needsNone(value) {
            write(prefix, escaped: value, parent: parent)
        } else {
            NameEscaping.escaped(value).withUnsafeBufferPointer { write(prefix, escaped: $0, parent: parent) }
        }
    }

    mutating func name(_ prefix: StaticString, _ value: String, parent: [UInt8]) {
        var value = value
        value.withUTF8 { name(prefix, $0, parent: parent) }
    }

    private mutating func write(_ prefix: StaticString, escaped value: UnsafeBufferPointer<UInt8>, parent: [UInt8]) {
        header(0x04, length: prefix.utf8CodeUnitCount + value.count + parent.count)
        write(prefix)
        write(value)
        write(parent)
    }
}
