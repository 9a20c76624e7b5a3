package import RosterModel

/// A command about a user. Its syntax is checked, its rights and rules are not.
package enum UserCommand: Sendable {
    case add(username: String, password: String, mode: FileMode?, uidNumber: UInt32?)
    /// - present: the user's password of now; needed where a member sets its own by an access key.
    case setPassword(username: String, password: String, present: String?)
    /// The same password in another hash.
    /// - replacing: the hash that the password was verified against.
    case rehashPassword(username: String, password: String, replacing: PasswordHash)
    case setState(username: String, state: User.State)
    /// - expires: nil is never.
    case setExpiry(username: String, expires: Timestamp?)
    case delete(username: String)

    /// The action's name in the operation log.
    package var action: String {
        switch self {
        case .add: Self.addAction
        case .setPassword, .rehashPassword, .setState, .setExpiry: "ModifyUser"
        case .delete: "DeleteUser"
        }
    }

    static let addAction = "AddUser"

    package var username: String {
        switch self {
        case .add(let username, _, _, _), .setPassword(let username, _, _),
            .rehashPassword(let username, _, _), .setState(let username, _), .setExpiry(let username, _),
            .delete(let username):
            username
        }
    }
}
