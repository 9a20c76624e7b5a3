/// An access key: an identifier and a secret that sign requests or bind over LDAP.
package struct AccessKey: Sendable, Equatable {
    package var id: AccessKeyID
    package var principal: Principal
    package var secret: SealedSecret
    package var createTime: Timestamp
    /// From this time on the key is treated as unknown; nil if it is not revoked.
    package var revokeTime: Timestamp?
    package var revision: Revision = .none

    /// Creates a key that is not revoked.
    package init(id: AccessKeyID, principal: Principal, secret: SealedSecret, createTime: Timestamp) {
        self.id = id
        self.principal = principal
        self.secret = secret
        self.createTime = createTime
    }
}

/// The identity behind an access key, one case for each kind of key ("Rights" in the design).
package enum Principal: Sendable, Hashable {
    /// May do everything and needs no row. The operation log names the account.
    case `operator`(AccountID)
    /// Has the rights of the account's rows.
    case account(AccountID)
    /// May list and search one cluster, or all clusters if nil; may never write.
    case reader(ClusterID?)
}

/// The parts of a principal, as stores and key lists hold them.
extension Principal {
    /// The kind of key, as one word.
    package var kind: String {
        switch self {
        case .operator: "operator"
        case .account: "account"
        case .reader: "reader"
        }
    }

    /// The account of an operator or account key.
    package var account: AccountID? {
        switch self {
        case .operator(let account), .account(let account): account
        case .reader: nil
        }
    }

    /// The only cluster that a reader key sees; nil for a reader of all clusters and for any other kind of key.
    package var cluster: ClusterID? {
        if case .reader(let cluster) = self { cluster } else { nil }
    }

    /// Creates a principal from its parts. Nil for a kind that only a newer version knows, and for an operator or
    /// account key without its account: such a key gives no rights.
    package init?(kind: String, account: AccountID?, cluster: ClusterID?) {
        switch (kind, account) {
        case ("operator", let account?): self = .operator(account)
        case ("account", let account?): self = .account(account)
        case ("reader", _): self = .reader(cluster)
        default: return nil
        }
    }
}

/// A secret as stores hold it: encrypted with a seal key that the store does not have.
package struct SealedSecret: Sendable, Hashable {
    /// The version of the seal key, so that secrets can be moved to a new key one by one.
    package let keyVersion: Int
    /// Nonce, ciphertext and tag.
    package let bytes: [UInt8]

    /// Creates a sealed secret from its stored parts.
    package init(keyVersion: Int, bytes: [UInt8]) {
        self.keyVersion = keyVersion
        self.bytes = bytes
    }
}
