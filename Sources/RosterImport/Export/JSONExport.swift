import Foundation
import RosterModel

/// Writes users as lines of JSON, with the members of `describeUser`.
enum JSONExport {
    private struct Element: Encodable {
        let user: User
        let groups: [String]
        let catalog: AttributeCatalog

        private enum Key: String, CodingKey {
            case attributes, gecos, mod, role, state, expires, username
            case cluster = "cluster_id"
            case createTime = "create_time"
            case gidNumber = "gid_number"
            case groups = "group_names"
            case home = "home_directory"
            case id = "hpcuser_id"
            case shell = "login_shell"
            case mount = "nas_mount_point"
            case passwordTime = "password_time"
            case uidNumber = "uid_number"
            case updateTime = "update_time"
            case account = "user_id"
        }

        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: Key.self)
            try members.encode(user.cluster.text, forKey: .cluster)
            try members.encode(user.createTime.iso8601, forKey: .createTime)
            try members.encode(String(user.gidNumber), forKey: .gidNumber)
            try members.encode(user.id.text, forKey: .id)
            try members.encode(user.mode?.description, forKey: .mod)
            try members.encode(user.nasMountPoint, forKey: .mount)
            try members.encode(user.role.rawValue, forKey: .role)
            try members.encode(String(user.uidNumber), forKey: .uidNumber)
            try members.encode(user.updateTime.iso8601, forKey: .updateTime)
            try members.encode(user.account.text, forKey: .account)
            try members.encode(user.username.text, forKey: .username)
            var attributes: [String: [String]] = [:]
            for attribute in user.attributes.present(in: catalog) {
                attributes[attribute.name] = user.attributes[attribute].map { value in
                    String(decoding: attribute.syntax.isBinary ? Base64.encode(value) : value, as: UTF8.self)
                }
            }
            try members.encode(attributes, forKey: .attributes)
            try members.encode(user.expires?.iso8601, forKey: .expires)
            try members.encode(user.gecos, forKey: .gecos)
            try members.encode(groups, forKey: .groups)
            try members.encode(user.homeDirectory, forKey: .home)
            try members.encode(user.loginShell, forKey: .shell)
            try members.encode(user.passwordTime?.iso8601, forKey: .passwordTime)
            try members.encode(user.state.rawValue, forKey: .state)
        }
    }

    /// - Parameter catalog: the attributes that users can have.
    static func append(_ user: User, groups: [String], catalog: AttributeCatalog, to bytes: inout [UInt8]) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            bytes += try encoder.encode(Element(user: user, groups: groups, catalog: catalog))
            bytes.append(UInt8(ascii: "\n"))
        } catch {
            preconditionFailure("texts and lists of texts are always JSON: \(error)")
        }
    }
}
