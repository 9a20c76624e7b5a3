import RosterDirectory
import RosterModel
import RosterSnapshot

/// The identity that a connection is bound as.
enum Identity: Sendable, Equatable {
    case anonymous
    /// Bound with an access key and its secret.
    case service(AccessKeyID)
    /// Bound with a password.
    case user(PasswordAuthentication)

    /// What the identity may see in `snapshot`.
    /// - Throws: `insufficientAccessRights` if the bind gives no rights: the connection is not bound, the key was
    ///   revoked, or the user was locked, removed or has expired, or its password has changed since the bind.
    func scope(in snapshot: Snapshot, now: Timestamp, anonymous: Scope?) throws(LDAPOperationError) -> Scope {
        switch self {
        case .anonymous:
            guard let anonymous else { throw LDAPOperationError(.insufficientAccessRights, "bind first") }
            return anonymous
        case .service(let id):
            guard let key = snapshot.key(id),
                let scope = try? Authorization.scope(of: key.principal, in: snapshot, at: now)
            else { throw LDAPOperationError(.insufficientAccessRights, "the key of this bind works no more") }
            return scope
        case .user(let proved):
            guard let user = try? proved.user(in: snapshot, now: now) else {
                throw LDAPOperationError(
                    .insufficientAccessRights, "the user of this bind can no longer log in, or its password has changed"
                )
            }
            return Authorization.scope(ofPasswordBindOf: user)
        }
    }

    /// The identity as `whoami` reports it; empty if anonymous (RFC 4532).
    func authorizationName(in tree: DirectoryInformationTree, snapshot: Snapshot) -> String {
        switch self {
        case .anonymous: ""
        case .service(let id): "dn:" + tree.text(of: .service(id))
        case .user(let proved):
            snapshot.user(proved.user, in: proved.cluster).map {
                "dn:" + tree.text(of: .user(proved.cluster, name: $0.username.text))
            } ?? ""
        }
    }
}
