package import RosterModel
import Synchronization

/// Below which numbers there is no gap, as the last search for one found. An allocated number stays allocated, so that the next
/// search begins there, and does not read the whole ledger of a cluster that is full.
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

    /// Records that every number from `first` to below `number` is allocated.
    package func record(_ number: UInt32, _ kind: IDAllocation.Kind, from first: UInt32, in cluster: ClusterID) {
        lowest.withLock { $0[Start(cluster: cluster, kind: kind, first: first)] = number }
    }

    /// Forgets all hints: the allocations that they stand on may have been rolled back.
    package func forget() {
        lowest.withLock { $0 = [:] }
    }
}
