package import RosterModel

/// A command about a user. Its syntax is checked, its rights and rules are not.
package enum UserCommand: Sendable {
    case add(username: String, password: String, mode: FileMode?, uidNumber: UInt32?)
    case modify(username: String, UserModification)
    case delete(username: String)

    /// The action's name in the operation log.
    package var action: String {
        switch self {
        case .add: Self.addAction
        case .modify: "ModifyUser"
        case .delete: "DeleteUser"
        }
    }

    static let addAction = "AddUser"

    package var username: String {
        switch self {
        case .add(let username, _, _, _), .modify(let username, _), .delete(let username): username
        }
    }
}
