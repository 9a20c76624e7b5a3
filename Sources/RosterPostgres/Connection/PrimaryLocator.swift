import RosterModel

/// Finds the host of the primary. Silent hosts do not hold up the search: a host that was unresponsive is tried only in
/// every fourth round.
struct PrimaryLocator {
    private let hosts: [ServerAddress.Host]
    private var unresponsive: Set<ServerAddress.Host> = []
    private var round = 0
    /// Where the primary was found; nil before that, and if the address names no host.
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
        let isPatient = round.isMultiple(of: 4) || hosts.allSatisfy(unresponsive.contains)
        for host in hosts where isPatient || !unresponsive.contains(host) {
            let start = ContinuousClock.now
            do throws(ServerError) {
                let connection = try attempt(host)
                unresponsive.remove(host)
                found = host
                return connection
            } catch {
                failure = error
                if start.duration(to: .now) > Self.patience {
                    unresponsive.insert(host)
                } else {
                    unresponsive.remove(host)
                }
            }
        }
        throw failure
    }

    /// Records that the host of the primary has stopped answering: the next rounds try the others first.
    mutating func markUnresponsive() {
        if let found, hosts.count > 1 { unresponsive.insert(found) }
        round = 0
    }
}
