/// An access key: what a client signs its requests with.
package struct AccessKey: Sendable, Equatable {
    package var id: AccessKeyID
    package var principal: Principal
    package var secret: SealedSecret
    package var createTime: Timestamp
    /// From then on it is as unknown; nil while it works.
    package var revokeTime: Timestamp?
    package var revision: Revision = .none

    package init(id: AccessKeyID, principal: Principal, secret: SealedSecret, createTime: Timestamp) {
        self.id = id
        self.principal = principal
        self.secret = secret
        self.createTime = createTime
    }
}

/// Whom an access key stands for: the three kinds of key of the design's "Rights".
package enum Principal: Sendable, Hashable {
    /// Everything, without a row. The account is whom the operation log names.
    case `operator`(AccountID)
    /// What the rows of the account give.
    case account(AccountID)
    /// Lists and searches of one cluster, or of all; never a write.
    case reader(ClusterID?)
}

/// The parts of a principal, as stores and lists of keys have them.
extension Principal {
    /// The kind of key, in a word.
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

    /// The only cluster that a reader key sees; nil for any other key.
    package var cluster: ClusterID? {
        if case .reader(let cluster) = self { cluster } else { nil }
    }

    /// Nil for a kind of key that only a newer program knows, and for one without its account: it gives no right here.
    package init?(kind: String, account: AccountID?, cluster: ClusterID?) {
        switch (kind, account) {
        case ("operator", let account?): self = .operator(account)
        case ("account", let account?): self = .account(account)
        case ("reader", _): self = .reader(cluster)
        default: return nil
        }
    }
}

/// A secret as a store keeps it: sealed under a key that the store does not have.
package struct SealedSecret: Sendable, Hashable {
    /// Which seal key, so that keys can be changed one secret after the other.
    package let keyVersion: Int
    /// Nonce, cipher text and tag.
    package let bytes: [UInt8]

    package init(keyVersion: Int, bytes: [UInt8]) {
        self.keyVersion = keyVersion
        self.bytes = bytes
    }
}
