package import RosterModel

/// What stops a user from logging in. Servers put it into words.
package enum LoginObstacle: Sendable, Equatable {
    /// The cluster has no user of that name, or none that the caller may see; `near` are visible names like it.
    case unknown(near: [Username])
    /// The user is locked; nil if the operation log does not say since when.
    case locked(Lock?)
    /// The user expired at that time.
    case expired(Timestamp)
    case noPassword
    /// The password is stored in a form that this server cannot verify.
    case unverifiedHash
    case wrongPassword
    /// The password is wrong, and further wrong ones count as too many until that time.
    case throttled(until: Timestamp)
    case noHome
    /// What stands at the user's home belongs to that uid.
    case homeOfAnother(UInt32)
    /// The server cannot look at the home: one line for an administrator.
    case unreachableHome(String)
    /// The user has SSH keys, and all of them have expired.
    case expiredKeys

    /// The command that locked a user.
    package struct Lock: Sendable, Equatable {
        package let job: JobID
        package let time: Timestamp
        /// Who sent it, as the operation log names it.
        package let submitter: String
    }

    /// The first obstacle that does not depend on the password that a client sends, as far as memory tells; nil if
    /// there is none.
    /// - Parameter user: nil if there is no such user.
    package init?(of user: User?, at now: Timestamp, hashing: any PasswordHashing) {
        guard let user else {
            self = .unknown(near: [])
            return
        }
        if user.state == .locked {
            self = .locked(nil)
        } else if let expires = user.expires, expires <= now {
            self = .expired(expires)
        } else if let hash = user.password {
            guard !hashing.canVerify(hash) else { return nil }
            self = .unverifiedHash
        } else {
            self = .noPassword
        }
    }

    /// The word for it in the API and in the log.
    package var reason: String {
        switch self {
        case .unknown: "unknown"
        case .locked: "locked"
        case .expired: "expired"
        case .noPassword: "no_password"
        case .unverifiedHash: "hash_not_verified"
        case .wrongPassword: "password_wrong"
        case .throttled: "throttled"
        case .noHome: "no_home"
        case .homeOfAnother: "home_of_another"
        case .unreachableHome: "home_unreachable"
        case .expiredKeys: "key_withheld"
        }
    }
}
