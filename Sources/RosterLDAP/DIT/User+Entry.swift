import NIOCore
import RosterModel
import RosterSnapshot

/// A user as an entry of RFC 2307.
enum UserEntry {
    static let objectClasses: [ObjectClass] = [
        .top, .person, .organizationalPerson, .inetOrgPerson, .posixAccount, .shadowAccount,
    ]

    /// The attribute as it is sent: every user has the same.
    static let objectClassAttribute: [UInt8] = {
        var writer = ResponseWriter(buffer: ByteBuffer())
        writer.attribute(.objectClass) { writer in
            for objectClass in objectClasses { writer.octets(objectClass.rawValue) }
        }
        return Array(writer.buffer.readableBytesView)
    }()

    /// Days since 1970-01-01 as `shadowLastChange` has them.
    static func lastChange(_ passwordTime: Timestamp?) -> Int64? {
        passwordTime.map { floorDays($0.seconds) }
    }

    /// The first day on which the user cannot log in, as `shadowExpire` has it: a locked one could not on the first day
    /// there was (0 means no expiry to some).
    static func expireDay(_ state: User.State, _ expires: Timestamp?) -> Int64? {
        state == .locked ? lockedDay : expires.map { floorDays($0.seconds + secondsPerDay - 1) }
    }

    static let lockedDay: Int64 = 1
    static let secondsPerDay: Int64 = 86_400

    private static func floorDays(_ seconds: Int64) -> Int64 {
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: secondsPerDay)
        return rest < 0 ? days - 1 : days
    }
}

extension UserRow {
    /// Writes the user as a SearchResultEntry of the search `id`.
    /// - Parameter parent: the UTF-8 of the name of the entry above, with a comma before it.
    func write(
        id: Int32, selection: AttributeSelection, naming: DirectoryInformationTree.RDNAttribute, parent: [UInt8],
        to writer: inout ResponseWriter
    ) {
        writer.entry(id) { writer in
            withUsername { writer.name($0, naming: naming, parent: parent) }
        } attributes: { writer in
            for type in Self.order where selection.contains(type) {
                if selection.typesOnly {
                    if has(type) { writer.attribute(type) { _ in } }
                } else {
                    write(type, naming: naming, parent: parent, to: &writer)
                }
            }
        }
    }

    /// The attributes of a user, in the order in which they are shown.
    private static let order: [AttributeType] = [
        .objectClass, .uid, .cn, .sn, .uidNumber, .gidNumber, .homeDirectory, .loginShell, .gecos, .shadowLastChange,
        .shadowExpire, .structuralObjectClass, .entryUUID, .entryDN, .createTimestamp, .modifyTimestamp,
        .hasSubordinates, .subschemaSubentry,
    ]

    private func has(_ type: AttributeType) -> Bool {
        switch type {
        case .homeDirectory: withText(of: .homeDirectory) { !$0.isEmpty }
        case .loginShell: withText(of: .loginShell) { !$0.isEmpty }
        case .gecos: withText(of: .gecos) { !$0.isEmpty }
        case .shadowLastChange: passwordTime != nil
        case .shadowExpire: UserEntry.expireDay(state, expires) != nil
        default: true
        }
    }

    private func write(
        _ type: AttributeType, naming: DirectoryInformationTree.RDNAttribute, parent: [UInt8],
        to writer: inout ResponseWriter
    ) {
        func text(_ bytes: UnsafeBufferPointer<UInt8>) {
            if !bytes.isEmpty { writer.attribute(type, bytes) }
        }
        switch type {
        case .objectClass:
            writer.write(UserEntry.objectClassAttribute)
        case .uid, .cn, .sn: withUsername { writer.attribute(type, $0) }
        case .uidNumber: writer.attribute(type, number: Int64(uidNumber))
        case .gidNumber: writer.attribute(type, number: Int64(gidNumber))
        case .homeDirectory: withHome(text)
        case .loginShell: withShell(text)
        case .gecos: withGecos(text)
        case .shadowLastChange: UserEntry.lastChange(passwordTime).map { writer.attribute(type, number: $0) }
        case .shadowExpire: UserEntry.expireDay(state, expires).map { writer.attribute(type, number: $0) }
        case .structuralObjectClass: writer.attribute(type, ObjectClass.inetOrgPerson.rawValue)
        case .entryUUID: withID { writer.attribute(type, EntryUUID(user: $0).text) }
        case .entryDN:
            writer.attribute(type) { writer in withUsername { writer.name($0, naming: naming, parent: parent) } }
        case .createTimestamp: writer.attribute(type, createTime.generalizedTime)
        case .modifyTimestamp: writer.attribute(type, updateTime.generalizedTime)
        case .hasSubordinates: writer.attribute(type, "FALSE")
        case .subschemaSubentry: writer.attribute(type, DirectoryInformationTree.subschemaName)
        default: break
        }
    }
}

extension ResponseWriter {
    /// The name of a user's entry, as an OCTET STRING.
    fileprivate mutating func name(
        _ username: UnsafeBufferPointer<UInt8>, naming: DirectoryInformationTree.RDNAttribute, parent: [UInt8]
    ) {
        if NameEscaping.needsNone(username) {
            write(name: username, naming: naming, parent: parent)
        } else {
            NameEscaping.escaped(username).withUnsafeBufferPointer { write(name: $0, naming: naming, parent: parent) }
        }
    }

    private mutating func write(
        name: UnsafeBufferPointer<UInt8>, naming: DirectoryInformationTree.RDNAttribute, parent: [UInt8]
    ) {
        let attribute: StaticString = naming == .uid ? "uid=" : "cn="
        header(0x04, length: attribute.utf8CodeUnitCount + name.count + parent.count)
        write(attribute)
        write(name)
        write(parent)
    }
}
