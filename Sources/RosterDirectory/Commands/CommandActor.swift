package import RosterModel
package import RosterSnapshot

/// Who performs a command. Its rights depend on this, and the operation log records it.
package struct CommandActor: Sendable {
    package let principal: Principal
    package let scope: Scope
    /// What authenticated the actor. Its rights come from this alone.
    package let proof: Proof
    /// Where the request came from: an address, or `ldap:` and an address.
    package let origin: String
    /// The signed request; nil if requests are not repeated, as on a bound connection.
    package let request: IdempotencyKey?

    /// What authenticates an actor.
    package enum Proof: Sendable, Equatable {
        /// The access key that signed the request, or whose secret the client sent.
        case key(AccessKeyID)
        case password(PasswordAuthentication)
    }

    /// The digest of a signed request, and until when a server may still accept it.
    package struct IdempotencyKey: Sendable, Equatable {
        package let digest: [UInt8]
        package let expires: Timestamp

        /// Creates a key that is valid until `expires`.
        package init(digest: [UInt8], expires: Timestamp) {
            self.digest = digest
            self.expires = expires
        }
    }

    /// Creates an actor from its parts; the initializers below derive the scope.
    package init(principal: Principal, scope: Scope, proof: Proof, origin: String, request: IdempotencyKey?) {
        self.principal = principal
        self.scope = scope
        self.proof = proof
        self.origin = origin
        self.request = request
    }

    /// A client that signed with `key`.
    /// - Parameters:
    ///   - digest: identifies the request.
    ///   - expires: until when a server may still accept it.
    package init(
        principal: Principal, scope: Scope, key: AccessKeyID, origin: String, digest: [UInt8], expires: Timestamp
    ) {
        self.init(
            principal: principal, scope: scope, proof: .key(key), origin: origin,
            request: IdempotencyKey(digest: digest, expires: expires))
    }

    /// A client that sent the secret of `key`.
    /// - Throws: `notAuthenticated` if the key was revoked or its account has no row.
    package init(
        secretOf key: AccessKeyID, origin: String, in snapshot: Snapshot, now: Timestamp
    ) throws(RosterError) {
        guard let principal = snapshot.key(key)?.principal else { throw Authorization.notAuthenticated }
        self.init(
            principal: principal, scope: try Authorization.scope(of: principal, in: snapshot, at: now),
            proof: .key(key),
            origin: origin, request: nil)
    }

    /// A user authenticated by password: confined to its cluster, whatever its role.
    /// - Throws: `notAuthenticated`, as `PasswordAuthentication.user`.
    package init(
        _ proved: PasswordAuthentication, origin: String, in snapshot: Snapshot, now: Timestamp
    ) throws(RosterError) {
        let user = try proved.user(in: snapshot, now: now)
        self.init(
            principal: .account(user.account), scope: Authorization.scope(ofPasswordBindOf: user),
            proof: .password(proved),
            origin: origin, request: nil)
    }

    /// The same actor with its rights in `snapshot`.
    /// - Throws: `notAuthenticated` if the key was revoked, its account lost its last row, or the password has changed.
    func renewed(in snapshot: Snapshot, now: Timestamp) throws(RosterError) -> CommandActor {
        switch proof {
        case .key(let key):
            guard snapshot.key(key) != nil else { throw Authorization.notAuthenticated }
            return CommandActor(
                principal: principal, scope: try Authorization.scope(of: principal, in: snapshot, at: now),
                proof: proof,
                origin: origin, request: request)
        case .password(let proved): return try CommandActor(proved, origin: origin, in: snapshot, now: now)
        }
    }

    /// The rows that give the actor its rights in `cluster`, or in the whole directory if nil. While none of them
    /// changes, it loses no rights.
    func rows(in snapshot: Snapshot, behind cluster: ClusterID?) -> [HPCUserID] {
        if case .password(let proved) = proof { return [proved.user] }
        guard case .account(let account) = principal else { return [] }
        return snapshot.rows(of: account).filter { $0.role == .boss || $0.cluster == cluster }.map(\.id)
    }

    /// What the actor may see and do.
    package var authorization: Authorization { Authorization(principal: principal, scope: scope) }

    /// The access keys that give the actor its rights.
    var keys: [AccessKeyID] {
        if case .key(let key) = proof { [key] } else { [] }
    }

    /// Whether `user` is the actor's own: after a password bind, the user that bound; with a key, every user of its
    /// account.
    func owns(_ user: User) -> Bool {
        hasProved(user) || !keys.isEmpty && user.account == account
    }

    /// Whether the actor authenticated with the password of `user`.
    func hasProved(_ user: User) -> Bool {
        if case .password(let proved) = proof { proved.user == user.id } else { false }
    }

    /// The account that the operation log names; nil for a reader key, which belongs to no account.
    package var account: AccountID? {
        switch principal {
        case .operator(let account), .account(let account): account
        case .reader: nil
        }
    }

    /// Who waits for a turn when a password is hashed.
    var hashingClient: QueueClient { QueueClient(submitter) }

    /// How the operation log names the actor: an access key id, or `user:` and a name.
    package var submitter: String {
        switch proof {
        case .key(let key): key.text
        case .password(let proved): "user:" + proved.name.text
        }
    }
}
