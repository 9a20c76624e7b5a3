/// A user of one cluster: a POSIX account.
///
/// It is deliberately not `Codable`: each server and store names its fields itself, in a file of its own.
package struct User: Sendable, Equatable {
    package var id: HPCUserID
    package var cluster: ClusterID
    /// The platform account that owns the user.
    package var account: AccountID
    package var username: Username
    /// POSIX uid, 1 to 4294967294; unique in the cluster for ever.
    package var uidNumber: UInt32
    /// POSIX gid of the primary group, 1 to 4294967294.
    package var gidNumber: UInt32
    package var role: Role
    /// The permission mode of the home directory, if one was requested.
    package var mode: FileMode?
    /// Where the shared file system is mounted for this user.
    package var nasMountPoint: String
    package var homeDirectory: String
    package var loginShell: String
    package var gecos: String
    package var createTime: Timestamp
    package var updateTime: Timestamp
    package var state: State = .active
    /// From this time on the user cannot log in; nil if it never expires.
    package var expires: Timestamp?
    package var password: PasswordHash?
    /// When the password was last set; nil if unknown.
    package var passwordTime: Timestamp?
    /// Attributes that only some users have, such as mail, names and SSH keys.
    package var attributes = UserAttributes()
    /// The revision that last changed the row; `.none` until a store has committed it.
    package var revision: Revision = .none

    /// Whether the user may log in, regardless of its expiry.
    package enum State: String, Sendable, Hashable, CaseIterable {
        case active
        case locked

        /// Whether a user in this state, with this expiry, is neither locked nor expired at `now`.
        package func isActive(at now: Timestamp, expires: Timestamp?) -> Bool {
            self == .active && expires.map { $0 > now } ?? true
        }
    }

    /// Creates an active user without expiry, password and attributes.
    package init(
        id: HPCUserID, cluster: ClusterID, account: AccountID, username: Username, uidNumber: UInt32, gidNumber: UInt32,
        role: Role, mode: FileMode? = nil, nasMountPoint: String, homeDirectory: String,
        loginShell: String = "/bin/bash",
        gecos: String = "", createTime: Timestamp, updateTime: Timestamp
    ) {
        self.id = id
        self.cluster = cluster
        self.account = account
        self.username = username
        self.uidNumber = uidNumber
        self.gidNumber = gidNumber
        self.role = role
        self.mode = mode
        self.nasMountPoint = nasMountPoint
        self.homeDirectory = homeDirectory
        self.loginShell = loginShell
        self.gecos = gecos
        self.createTime = createTime
        self.updateTime = updateTime
    }

    /// Whether the user is neither locked nor expired at `now`.
    package func isActive(at now: Timestamp) -> Bool { state.isActive(at: now, expires: expires) }

    /// What a uid or gid can be.
    package static let posixNumbers: ClosedRange<UInt32> = 1...4_294_967_294

    /// Parses a POSIX uid or gid.
    /// - Throws: `invalidParameter` for `name` if `text` is not a decimal number from 1 to 4294967294. The largest
    ///   32-bit number, 4294967295, means "unchanged" to chown(2).
    package static func posixNumber(_ text: some StringProtocol, name: String) throws(RosterError) -> UInt32 {
        guard text.utf8.allSatisfy(\.isDigit),
            let number = UInt32(text), posixNumbers.contains(number)
        else {
            throw .invalid(
                name,
                "'\(text.sanitizedForDisplay(limit: 32))' is not a number from \(posixNumbers.lowerBound) to "
                    + "\(posixNumbers.upperBound)")
        }
        return number
    }
}

/// A password as crypt(3) or LDAP stores it. Its description never shows it, so that it cannot leak into a log or an
/// error.
package struct PasswordHash: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// A hash of crypt(3) (`$y$…`, `$6$…`, `$2b$…`), or a `PasswordDigest` (`{SSHA}…`).
    package let text: String

    /// Creates a hash without checking the text.
    package init(stored text: String) {
        self.text = text
    }

    package var description: String { "(password)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
