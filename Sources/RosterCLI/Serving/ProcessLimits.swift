import Glibc

/// How many files and connections a process may have open.
enum DescriptorLimit {
    /// Raises the limit as far as the system allows: the usual limit of 1024 is less than the number of a cluster's
    /// nodes.
    ///
    /// If that fails, the limit stays, and connections above it wait to be accepted.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
