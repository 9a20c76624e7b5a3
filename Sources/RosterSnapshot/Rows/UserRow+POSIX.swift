package import RosterModel

// The fields of a row that nodes ask for.
extension UserRow: FilterSubject {
    /// Calls `body` with the UTF-8 of the home directory, which is valid during the call.
    package func withHome(_ body: (UnsafeBufferPointer<UInt8>) -> Void) { block.withHome(index, body) }

    /// Calls `body` with the UTF-8 of the login shell, which is valid during the call.
    package func withShell(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        withExtendedLifetime(block) { body(block.texts[Int(block[index].shell)]) }
    }

    /// Calls `body` with the UTF-8 of the GECOS field, which is valid during the call.
    package func withGecos(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        withExtendedLifetime(block) { body(block.texts[Int(block[index].gecos)]) }
    }

    /// Calls `body` with the UTF-8 of the name, which is valid during the call.
    package func withUsername(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        withExtendedLifetime(block) { body(block.names.name(index)) }
    }

    /// Calls `body` with the text of `UserAttributes`, which is valid during the call; empty if the user has none.
    package func withAttributes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        withExtendedLifetime(block) { body(block.attributes(index)) }
    }

    package var state: User.State { block[index].state }
    package var expires: Timestamp? { block.expires(index) }
    package var passwordTime: Timestamp? { block.passwordTime(index) }

    /// The groups that the user belongs to, directly or through other groups, by gid. The user's primary group is
    /// included only if it lists the user, itself or through other groups.
    package var groups: [Group] { clusterIndex.groups[ofMember: id] }

    package func isMember(of group: Group.Key?) -> Bool {
        guard let group else { return clusterIndex.groups.hasGroup(ofMember: id) }
        return group.cluster == cluster && clusterIndex.groups.isMember(id, of: group.gidNumber)
    }

    package var id: HPCUserID {
        HPCUserID(stored: block.withID(index) { String(decoding: $0, as: UTF8.self) })
    }

    package func withText(of attribute: Filter.Attribute, _ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        func with(_ text: String) -> Bool {
            var text = text
            return text.withUTF8(body)
        }
        return withExtendedLifetime(block) {
            switch attribute {
            case .cluster: with(cluster.text)
            case .hpcUserID: block.withID(index, body)
            case .account: block.withAccount(index, body)
            case .username: body(block.names.name(index))
            case .role: with(role.rawValue)
            case .homeDirectory: block.withHome(index, body)
            case .loginShell: body(block.texts[Int(block[index].shell)])
            case .gecos: body(block.texts[Int(block[index].gecos)])
            case .nasMountPoint: body(block.mount(index))
            }
        }
    }
}
