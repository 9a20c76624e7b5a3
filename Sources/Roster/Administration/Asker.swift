/// Who asks for a write: what rights are judged by, and what the operation log tells.
package struct Asker: Sendable {
    package let principal: Principal
    package let scope: Scope
    /// The access key that signed.
    package let key: AccessKeyID
    /// The address that the request came from.
    package let origin: String
    /// What tells the signed request from every other.
    package let digest: [UInt8]
    /// Until when a server may still take the request.
    package let expires: Timestamp

    package init(
        principal: Principal, scope: Scope, key: AccessKeyID, origin: String, digest: [UInt8], expires: Timestamp
    ) {
        self.principal = principal
        self.scope = scope
        self.key = key
        self.origin = origin
        self.digest = digest
        self.expires = expires
    }

    /// The same, with the rights of `snapshot`.
    /// - Throws: `notAuthenticated` where the key was revoked or its account lost its last row.
    func renewed(in snapshot: Snapshot, now: Timestamp) throws(RosterError) -> Asker {
        guard snapshot.key(key) != nil else { throw Rights.notAuthenticated }
        return Asker(
            principal: principal, scope: try Rights.scope(of: principal, in: snapshot, at: now), key: key,
            origin: origin, digest: digest, expires: expires)
    }

    /// The rows that give it rights in `cluster`: as long as none of them changes, no right is taken away.
    func rows(in snapshot: Snapshot, behind cluster: ClusterID) -> [HPCUserID] {
        guard case .account(let account) = principal else { return [] }
        return snapshot.rows(of: account).filter { $0.role == .boss || $0.cluster == cluster }.map(\.id)
    }

    /// The account that the operation log names; nil for a reader key, which stands for none.
    package var account: AccountID? {
        switch principal {
        case .operator(let account), .account(let account): account
        case .reader: nil
        }
    }
}
