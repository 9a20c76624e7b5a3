package import NIOCore
package import NIOSSL
package import RosterModel
package import RosterServing

/// How the LDAP server listens, and its limits.
package struct LDAPServerConfiguration: Sendable {
    package var tree: DirectoryInformationTree
    package var listeners: [Listener]
    /// For LDAPS and for StartTLS; nil disables both.
    package var tls: NIOSSLContext?
    /// Whether passwords may be sent unencrypted over a network. Over loopback they always may.
    package var allowsClearPasswords = false
    /// Whether a right bind hashes a password again that is stored in a weak scheme.
    package var renewsWeakHashes = true
    /// What is visible without a bind, besides the server's own description; nil is nothing.
    package var anonymousScope: Scope?
    /// The maximum number of entries that a search returns; 0 is no limit.
    package var sizeLimit = 0
    /// How many parts the filter of a search may have. A search with more ends with `adminLimitExceeded`.
    package var maximumFilterParts = 256
    /// The largest message of a client that is not bound: a bind needs no more.
    package var maximumUnboundBytes = 16 * 1024
    /// The longest time that a search may take; the client's own limit may be shorter.
    package var timeLimit = TimeAmount.minutes(5)
    /// A connection that sends no request for this long is closed.
    package var idleTime = TimeAmount.minutes(30)
    /// A connection whose client does not read its responses for this long is closed.
    package var stallTime = TimeAmount.minutes(1)
    /// How many connections may be open at once; further ones are closed on arrival.
    package var maximumConnections = 20_000
    /// How many requests of one connection may be queued; above that, reading pauses.
    package var maximumOutstanding = 64
    package var maximumMessageBytes = MessageDecoder.defaultMaximumBytes
    /// How many paged searches one connection may have open; a further one drops the oldest.
    package var maximumPagedSearches = 4
    /// How long a search waits for the request for its next page. An older one ends at the connection's next search.
    package var pagedSearchTime = TimeAmount.minutes(5)
    /// How many bytes the sorted searches of all connections may hold. Beyond that they end with `adminLimitExceeded`.
    package var maximumSortBytes = 256 << 20

    /// Where the server's metrics are kept; nil measures nothing.
    package var metrics: LDAPMetrics?
    /// Counts the open connections.
    package var connectionCount = ConnectionCount()

    /// An address to listen on.
    package struct Listener: Sendable {
        package var host: String
        /// 0 means any free port.
        package var port: Int
        /// Whether the connection is encrypted from the start (LDAPS).
        package var isEncrypted: Bool

        /// A listener on `host` and `port`.
        package init(host: String, port: Int, isEncrypted: Bool) {
            self.host = host
            self.port = port
            self.isEncrypted = isEncrypted
        }
    }

    /// A configuration with the default limits.
    package init(tree: DirectoryInformationTree, listeners: [Listener], tls: NIOSSLContext? = nil) {
        self.tree = tree
        self.listeners = listeners
        self.tls = tls
    }
}
