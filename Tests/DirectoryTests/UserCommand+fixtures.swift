import RosterDirectory
import RosterModel

extension UserCommand {
    /// A command that sets when a user expires.
    /// - Parameter expires: nil means never.
    static func setExpiry(username: String, expires: Timestamp?) -> UserCommand {
        var modification = UserModification()
        modification.expires = .some(expires)
        return .modify(username: username, modification)
    }
}
