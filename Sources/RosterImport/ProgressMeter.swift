import RosterModel

/// Tells when it is time to report progress again.
struct ProgressMeter {
    private var due = 1 << 20

    /// Calls `report` where a MiB or more has been read since the last call.
    mutating func advance(to offset: Int, _ report: (Int) -> Void) {
        guard offset >= due else { return }
        report(offset)
        due = offset + (1 << 20)
    }
}
