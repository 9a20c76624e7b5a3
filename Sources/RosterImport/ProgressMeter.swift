import RosterModel

/// Decides when to report progress.
struct ProgressMeter {
    private var due = 1 << 20

    /// Calls `report` if at least a MiB has been read since the last call.
    mutating func advance(to offset: Int, _ report: (Int) -> Void) {
        guard offset >= due else { return }
        report(offset)
        due = offset + (1 << 20)
    }
}
