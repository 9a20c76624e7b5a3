package import RosterModel
import Synchronization

/// Below which numbers there is no gap: what was seen when one was last looked for. A number that was given stays given, so
/// the next look begins there, and does not read the whole ledger of a cluster that is full.
package final class FreeIDHints: Sendable {
    private let lowest = Mutex<[Start: UInt32]>([:])

    package init() {}

    private struct Start: Hashable {
        let cluster: ClusterID
        let kind: IDAllocation.Kind
        let first: UInt32
    }

    /// The smallest number from `first` on that may be free.
    package func lowest(_ kind: IDAllocation.Kind, from first: UInt32, in cluster: ClusterID) -> UInt32 {
        lowest.withLock { $0[Start(cluster: cluster, kind: kind, first: first)] ?? first }
    }

    /// Every number from `first` to below `number` is given.
    package func note(_ number: UInt32, _ kind: IDAllocation.Kind, from first: UInt32, in cluster: ClusterID) {
        lowest.withLock { $0[Start(cluster: cluster, kind: kind, first: first)] = number }
    }

    /// What was seen may have been undone.
    package func forget() {
        lowest.withLock { $0 = [:] }
    }
}
