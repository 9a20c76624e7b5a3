package import RosterModel
import Synchronization

/// Remembers below which number the last search for a free one found no gap. Allocated numbers stay allocated, so the
/// next search can begin there instead of reading the whole ledger of a full cluster.
package final class FreeIDHints: Sendable {
    private let lowest = Mutex<[Start: UInt32]>([:])

    /// Creates hints that know nothing.
    package init() {}

    private struct Start: Hashable {
        let cluster: ClusterID
        let kind: IDAllocation.Kind
        let first: UInt32
    }

    /// The smallest number, at or above `first`, that may be free.
    package func lowest(_ kind: IDAllocation.Kind, from first: UInt32, in cluster: ClusterID) -> UInt32 {
        lowest.withLock { $0[Start(cluster: cluster, kind: kind, first: first)] ?? first }
    }

    /// Records that every number from `first` to below `number` is allocated.
    package func record(_ number: UInt32, _ kind: IDAllocation.Kind, from first: UInt32, in cluster: ClusterID) {
        lowest.withLock { $0[Start(cluster: cluster, kind: kind, first: first)] = number }
    }

    /// Discards all hints, because the allocations that they depend on may have been rolled back.
    package func forget() {
        lowest.withLock { $0 = [:] }
    }
}
