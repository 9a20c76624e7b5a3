package import CoreMetrics
import NIOCore

/// Counts and times of LDAP operations, by kind and result.
package final class LDAPMetrics: Sendable {
    /// By the application tag of the response.
    private let times: [Timer?]
    /// By that tag, then by the result code.
    private let results: [[Counter?]]

    private static let names: KeyValuePairs<Request.ResponseTag, String> = [
        .bind: "bind", .search: "search", .modify: "modify", .add: "add", .delete: "delete", .rename: "modrdn",
        .compare: "compare", .extended: "extended",
    ]
    private static let tags = 32
    private static let codes = 81

    /// Creates the metrics of a server.
    package init(_ factory: any MetricsFactory) {
        var times = [Timer?](repeating: nil, count: Self.tags)
        var results = [[Counter?]](repeating: [], count: Self.tags)
        for (tag, name) in Self.names {
            times[Int(tag.rawValue)] = Timer(
                label: "roster_ldap_operation_seconds", dimensions: [("operation", name)], factory: factory)
            var counters = [Counter?](repeating: nil, count: Self.codes)
            for code in ResultCode.allCases {
                counters[Int(code.rawValue)] = Counter(
                    label: "roster_ldap_operations_total", dimensions: [("operation", name), ("result", "\(code)")],
                    factory: factory)
            }
            results[Int(tag.rawValue)] = counters
        }
        (self.times, self.results) = (times, results)
    }

    /// Records the last response to an operation that began at `start`.
    func record(_ tag: Request.ResponseTag, _ code: ResultCode, since start: NIODeadline) {
        let place = Int(tag.rawValue)
        times[place]?.recordNanoseconds((NIODeadline.now() - start).nanoseconds)
        results[place][Int(code.rawValue)]?.increment()
    }
}
