/// The last login of a user, or the last time that one was refused.
package struct LoginRecord: Sendable, Hashable {
    package let user: HPCUserID
    package let outcome: Outcome
    package let time: Timestamp
    package let server: Server

    /// What became of a login.
    package enum Outcome: String, Sendable, CaseIterable {
        case success
        case failure
    }

    /// The server that the password reached.
    package enum Server: String, Sendable, CaseIterable {
        case ldap
        case http
    }

    /// Creates a record.
    package init(of user: HPCUserID, _ outcome: Outcome, at time: Timestamp, over server: Server) {
        self.user = user
        self.outcome = outcome
        self.time = time
        self.server = server
    }

    /// Creates a record from the texts of a store; a word that this version does not know counts as a failure, or as
    /// LDAP.
    package init(storedUser user: String, outcome: String, seconds: Int64, server: String) {
        self.init(
            of: HPCUserID(stored: user), Outcome(rawValue: outcome) ?? .failure, at: Timestamp(seconds: seconds),
            over: Server(rawValue: server) ?? .ldap)
    }
}
