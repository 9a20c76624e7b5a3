package import NIOCore
package import NIOSSL
package import RosterModel

/// How the LDAP server listens and what it limits.
package struct LDAPServerConfiguration: Sendable {
    package var tree: DirectoryInformationTree
    package var listeners: [Listener]
    /// For connections that are encrypted from the start, and for StartTLS; nil is neither.
    package var tls: NIOSSLContext?
    /// Whether a password may come in clear over a network. Over loopback it always may.
    package var allowsClearPasswords = false
    /// What may be seen without a bind, beyond what the server tells of itself; nil is nothing.
    package var anonymousScope: Scope?
    /// The most entries that a search returns; 0 is any number.
    package var sizeLimit = 0
    /// The longest that a search may take; the client's own limit may be shorter.
    package var timeLimit = TimeAmount.minutes(5)
    /// A connection that asks nothing for so long is closed.
    package var idleTime = TimeAmount.minutes(30)
    /// A connection whose client does not read its responses for so long is closed.
    package var stallTime = TimeAmount.minutes(1)
    /// How many connections are open at once; more are closed as they come.
    package var maximumConnections = 20_000
    /// How many requests of one connection may wait; beyond that nothing more is read from it.
    package var maximumOutstanding = 64
    package var maximumMessageBytes = MessageDecoder.defaultMaximumBytes
    /// The paged searches that one connection may have open; the oldest is dropped for one more.
    package var maximumPagedSearches = 4
    /// How many bytes the sorted searches of all connections may hold. Beyond that they end with `adminLimitExceeded`.
    package var maximumSortBytes = 256 << 20

    package struct Listener: Sendable {
        package var host: String
        /// 0 is any free port.
        package var port: Int
        /// Whether the connection is encrypted from the start (LDAPS).
        package var isEncrypted: Bool

        package init(host: String, port: Int, isEncrypted: Bool) {
            self.host = host
            self.port = port
            self.isEncrypted = isEncrypted
        }
    }

    package init(tree: DirectoryInformationTree, listeners: [Listener], tls: NIOSSLContext? = nil) {
        self.tree = tree
        self.listeners = listeners
        self.tls = tls
    }
}
