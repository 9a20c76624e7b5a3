package import RosterModel

/// A command about a user. Its syntax is checked, its rights and rules are not.
package enum UserCommand: Sendable {
    /// - password: nil adds a user that cannot log in.
    /// - fields: further fields of the new user.
    case add(
        username: String, password: String?, mode: FileMode?, uidNumber: UInt32?,
        fields: UserModification = UserModification())
    case modify(username: String, UserModification)
    /// The same password in another hash.
    /// - replacing: the hash that verified the password.
    case rehashPassword(username: String, password: String, replacing: PasswordHash)
    case delete(username: String)

    /// The action's name in the operation log.
    package var action: String {
        switch self {
        case .add: Self.addAction
        case .modify, .rehashPassword: "ModifyUser"
        case .delete: "DeleteUser"
        }
    }

    static let addAction = "AddUser"

    package var username: String {
        switch self {
        case .add(let username, _, _, _, _), .modify(let username, _), .rehashPassword(let username, _, _),
            .delete(let username):
            username
        }
    }
}
