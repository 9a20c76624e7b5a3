import ArgumentParser
import RosterDirectory
import RosterHTTP
import RosterMetrics
import RosterModel
import RosterSnapshot
import Synchronization

/// The metrics that are read when they are asked for.
struct ServerMetrics: Sendable {
    let directory: Directory
    let server: HTTPServer
    let progress: StartProgress
    let nodes: LDAPService
    let certificate: CertificateLog?
    /// When the newest backup was made; nil without one.
    let backupTime: @Sendable () -> Timestamp?
    private let populations = Populations()

    init(
        directory: Directory, server: HTTPServer, progress: StartProgress, nodes: LDAPService,
        certificate: CertificateLog?,
        backupTime: @escaping @Sendable () -> Timestamp?
    ) {
        self.directory = directory
        self.server = server
        self.progress = progress
        self.nodes = nodes
        self.certificate = certificate
        self.backupTime = backupTime
    }

    /// Counting the users reads every row, which is done at most every ten seconds.
    private final class Populations: Sendable {
        private let state = Mutex<(revision: Revision, time: Timestamp, counts: [Zone: Snapshot.Population])?>(nil)

        func counts(of snapshot: Snapshot, now: Timestamp) -> [Zone: Snapshot.Population] {
            state.withLock { state in
                if let state, (0..<10).contains(now.seconds - state.time.seconds) { return state.counts }
                let counts = snapshot.populations(at: now)
                state = (snapshot.revision, now, counts)
                return counts
            }
        }
    }

    func write(to text: inout MetricsText) {
        let build = BuildVersion()
        text.add("roster_build_info", labels: [("version", build.version), ("commit", build.commit)], value: 1)
        text.add("roster_ready", server.isReady ? 1 : 0)
        let snapshot = directory.snapshot
        if directory.isReady {
            let counts = populations.counts(of: snapshot, now: directory.now)
            for (zone, population) in counts.sorted(by: { $0.key.text < $1.key.text }) {
                text.add("roster_clusters", labels: [("zone", zone.text)], value: Double(population.clusters))
                for (state, count) in [
                    ("active", population.active), ("locked", population.locked), ("expired", population.expired),
                ] { text.add("roster_users", labels: [("zone", zone.text), ("state", state)], value: Double(count)) }
            }
        }
        text.add("roster_snapshot_revision", Double(snapshot.revision.number))
        text.add("roster_known_revision", Double(directory.knownRevision.number))
        let away = directory.isReady ? directory.unreachableSince : progress.waitingSince
        text.add("roster_store_reachable", away == nil ? 1 : 0)
        text.add("roster_store_unreachable_seconds", Double(away.map { directory.now.seconds - $0.seconds } ?? 0))
        text.add("roster_connections", labels: [("server", "http")], value: Double(server.connectionCount))
        if nodes.listenerCount > 0 {
            text.add("roster_connections", labels: [("server", "ldap")], value: Double(nodes.connectionCount))
        }
        if let end = certificate?.end {
            text.add("roster_certificate_expiry_timestamp_seconds", Double(end.seconds))
        }
        if let time = backupTime() { text.add("roster_backup_timestamp_seconds", Double(time.seconds)) }
        ProcessMetrics.write(to: &text)
    }
}
