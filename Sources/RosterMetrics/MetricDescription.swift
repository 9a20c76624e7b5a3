/// A metric that the server exports: its name is a promise to dashboards and alert rules.
package struct MetricDescription: Sendable {
    /// How Prometheus treats the values.
    package enum Kind: String, Sendable {
        /// A number that only grows while the process runs.
        case counter
        case gauge
        /// Counts of values up to each of several bounds, and their sum.
        case histogram
    }

    package let name: String
    package let kind: Kind
    /// The names of its labels. No label has a user, a key or an address as its value.
    package let labels: [String]
    /// One sentence.
    package let help: String
    /// For histograms, the bounds, in the metric's unit.
    let bounds: [Double]

    private init(_ name: String, _ kind: Kind, _ labels: [String] = [], bounds: [Double] = [], help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
        self.bounds = bounds
    }

    /// From a look-up in memory to a command that waits for a database, in seconds.
    private static let durations = [
        0.000_025, 0.000_1, 0.000_25, 0.001, 0.002_5, 0.01, 0.025, 0.1, 0.25, 1, 2.5, 10,
    ]

    /// Every metric, in the order in which they are written.
    package static let all = [
        MetricDescription(
            "roster_build_info", .gauge, ["version", "commit"],
            help: "1, with the version of the program and its commit as labels."),
        MetricDescription(
            "roster_ready", .gauge, help: "1 once the directory is loaded and all servers accept connections."),
        MetricDescription("roster_users", .gauge, ["zone", "state"], help: "Users by zone and state."),
        MetricDescription("roster_clusters", .gauge, ["zone"], help: "Clusters by zone."),
        MetricDescription("roster_snapshot_revision", .gauge, help: "The revision that reads are answered from."),
        MetricDescription(
            "roster_known_revision", .gauge,
            help: "The newest revision that this process knows of; above the snapshot's while it catches up."),
        MetricDescription(
            "roster_load_seconds", .histogram, bounds: durations, help: "Times to load the directory from the store."),
        MetricDescription(
            "roster_publish_seconds", .histogram, bounds: durations,
            help: "Times to apply committed changes to the snapshot."),
        MetricDescription(
            "roster_store_reachable", .gauge, help: "1 while the store answers; 0 while the directory is read-only."),
        MetricDescription(
            "roster_store_unreachable_seconds", .gauge, help: "How long the store has not answered; 0 while it answers."
        ),
        MetricDescription(
            "roster_commits_total", .counter, ["result"],
            help: "Commits by result: done, outdated (planned again), refused, failed."),
        MetricDescription(
            "roster_commit_seconds", .histogram, bounds: durations,
            help: "Times from a commit's request until it is durable."),
        MetricDescription(
            "roster_http_requests_total", .counter, ["call", "code"],
            help: "Requests of the API by call and class of ret_code: 0, or its thousands, 1xxx to 5xxx."),
        MetricDescription(
            "roster_http_request_seconds", .histogram, ["call"], bounds: durations,
            help: "Times from a request's head until its response is made, by call."),
        MetricDescription(
            "roster_refusals_total", .counter, ["reason"],
            help: "Requests of the API refused for the signature, or for too many calls or failures (rate)."),
        MetricDescription(
            "roster_ldap_operations_total", .counter, ["operation", "result"],
            help: "LDAP operations by kind and result code."),
        MetricDescription(
            "roster_ldap_operation_seconds", .histogram, ["operation"], bounds: durations,
            help: "Times from a request until its last response is made, by kind."),
        MetricDescription("roster_connections", .gauge, ["server"], help: "Open connections by server."),
        MetricDescription(
            "roster_event_loop_delay_seconds", .histogram, bounds: durations,
            help: "How much later than wanted an event loop ran a task, ten times a second and loop."),
        MetricDescription(
            "roster_certificate_expiry_timestamp_seconds", .gauge,
            help: "When the certificate in use ends; absent without one."
        ),
        MetricDescription(
            "roster_backup_timestamp_seconds", .gauge,
            help: "When the newest backup of the data folder was made; absent without one."),
        MetricDescription("process_start_time_seconds", .gauge, help: "When the process started."),
        MetricDescription("process_cpu_seconds_total", .counter, help: "CPU time of the process, user and system."),
        MetricDescription("process_resident_memory_bytes", .gauge, help: "Resident memory of the process."),
        MetricDescription("process_open_fds", .gauge, help: "Open file descriptors of the process."),
        MetricDescription("process_max_fds", .gauge, help: "How many file descriptors the process may open."),
    ]

    /// By name.
    static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
