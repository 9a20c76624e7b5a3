import RosterDirectory
import RosterModel

extension LoginObstacle {
    /// Every `reason`, in the order in which they are found.
    static let reasons = [
        "unknown", "locked", "expired", "no_password", "hash_not_verified", "password_wrong", "throttled", "no_home",
        "home_of_another", "home_unreachable", "key_withheld",
    ]

    /// Since when or until when it holds; nil if that is not known.
    var time: Timestamp? {
        switch self {
        case .locked(let lock): lock?.time
        case .expired(let time): time
        case .throttled(let until): until
        default: nil
        }
    }
}

extension CheckUser.Outcome {
    /// One sentence for an administrator: what stops the user, and what to do.
    var explanation: String {
        let shown = (user?.username.text ?? name).sanitizedForDisplay(limit: Username.maximumBytes)
        switch obstacle {
        case nil: return free(shown)
        case .unknown(let near): return unknown(shown, near)
        case .locked(let lock):
            return "\(shown) is locked\(since(lock)); 'roster user unlock \(shown)' lets it in again"
        case .expired(let time):
            return "\(shown) expired at \(time); 'roster user expire --at TIME \(shown)' sets a later time"
        case .noPassword:
            return "\(shown) has no password, so none lets it in; 'roster user modify \(shown)' sets one"
        case .unverifiedHash:
            return "the password of \(shown) is stored in a form that this server does not verify, so none lets it in; "
                + "'roster user modify \(shown)' sets a new one"
        case .wrongPassword:
            let set = user?.passwordTime.map { " (the right one was set at \($0))" } ?? ""
            return "the password is wrong\(set); 'roster user modify \(shown)' sets a new one"
        case .throttled(let until):
            return "the password is wrong, and so many were that further wrong ones are refused as too many until "
                + "\(until); a right one still lets \(shown) in, so look in the log for the address that guesses"
        default: return home(shown)
        }
    }

    private func home(_ shown: String) -> String {
        guard let user else { return "" }
        let path = user.homeDirectory.sanitizedForDisplay(limit: 200)
        switch obstacle {
        case .noHome:
            return "the home \(path) of \(shown) is not there; make the folder, mode 0700, and give it to uid "
                + "\(user.uidNumber) and gid \(user.gidNumber)"
        case .homeOfAnother(let owner):
            return "the home \(path) belongs to uid \(owner), not to uid \(user.uidNumber) of \(shown); give it to the "
                + "user, or move it away"
        case .unreachableHome(let fault):
            return "the server cannot look at the home \(path) of \(shown): \(fault); see to the mount"
        default:
            return "all SSH keys of \(shown) have expired and are withheld from nodes, so only a password lets it in; "
                + "'roster user key add \(shown)' adds a new one"
        }
    }

    private func unknown(_ shown: String, _ near: [Username]) -> String {
        let names = near.map { $0.text.sanitizedForDisplay(limit: Username.maximumBytes) }
        let remedy =
            names.isEmpty
            ? "'roster user list --search-word' finds names by a part"
            : "did you mean \(names.joined(separator: " or "))?"
        return "\(cluster) has no user \(shown); \(remedy)"
    }

    private func since(_ lock: LoginObstacle.Lock?) -> String {
        guard let lock else { return ", the log does not say since when" }
        return " since \(lock.time)" + (showsLog ? " by \(lock.submitter) (job \(lock.job))" : "")
    }

    private func free(_ shown: String) -> String {
        guard isPasswordChecked else {
            return "nothing stops \(shown) here, but its password was not checked; 'roster user check "
                + "--password-stdin \(shown)' checks it"
        }
        return
            "nothing stops \(shown) here, and the password is right; look at the node: its connection to the server, "
            + "its access rules, and the login shell"
    }
}
