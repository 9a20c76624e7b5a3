import RosterModel

/// Looks for the host that the server is at, so that a host that is silent does not hold up the search among the others: one that
/// was silent is asked in every fourth round only.
struct PrimaryLocator {
    private let hosts: [ServerAddress.Host]
    private var silent: Set<ServerAddress.Host> = []
    private var round = 0
    /// Where the server was found; nil before, and where the address names no host.
    private(set) var found: ServerAddress.Host?

    private static let patience = Duration.seconds(1)

    init(_ hosts: [ServerAddress.Host]) {
        self.hosts = hosts
    }

    /// One round through the hosts.
    /// - Parameter attempt: connects to a host, or to the default one.
    /// - Throws: what the last attempt threw.
    mutating func connect(
        _ attempt: (ServerAddress.Host?) throws(ServerError) -> ServerConnection
    ) throws(ServerError) -> ServerConnection {
        guard !hosts.isEmpty else { return try attempt(nil) }
        round += 1
        var failure = ServerError.lost(cause: "no host of the connection string answers")
        let isPatient = round.isMultiple(of: 4) || hosts.allSatisfy(silent.contains)
        for host in hosts where isPatient || !silent.contains(host) {
            let start = ContinuousClock.now
            do throws(ServerError) {
                let connection = try attempt(host)
                silent.remove(host)
                found = host
                return connection
            } catch {
                failure = error
                if start.duration(to: .now) > Self.patience { silent.insert(host) } else { silent.remove(host) }
            }
        }
        throw failure
    }

    /// The host where the server was found does not answer any more: the others are asked first.
    mutating func markUnresponsive() {
        if let found, hosts.count > 1 { silent.insert(found) }
        round = 0
    }
}
