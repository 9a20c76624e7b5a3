import Glibc

/// How many files and connections a process may have open.
enum DescriptorLimit {
    /// How many descriptors are kept for everything but accepted connections: listeners, event loops, files of the
    /// store and of homes, connections to a database.
    private static let reserved = 128

    /// Raises the limit as far as the system allows: the usual limit of 1024 is less than the number of a cluster's
    /// nodes.
    ///
    /// If that fails, the limit stays.
    /// - Returns: how many connections the process may accept in all, at least 16.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        return connections(within: Int(clamping: limit.rlim_cur))
    }

    /// How many connections a process with `descriptors` descriptors may accept, at least 16.
    static func connections(within descriptors: Int) -> Int {
        max(16, descriptors - reserved)
    }
}

/// What a crash of the process leaves behind.
enum CoreDumpLimit {
    /// Disables core dumps: memory holds secrets of access keys, and passwords that are being hashed.
    static func disable() {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }
}
