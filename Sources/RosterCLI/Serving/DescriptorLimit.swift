import Glibc

/// How many files and connections a process may have open.
enum DescriptorLimit {
    /// Raises the limit as far as the system lets this process: the usual one, 1024, is less than a cluster has nodes.
    ///
    /// Where that fails the limit stays, and connections beyond it wait to be accepted.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
