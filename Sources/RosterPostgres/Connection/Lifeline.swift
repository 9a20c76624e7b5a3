import Synchronization

/// Whether the server can be reached, as far as the one knows who asks it twice a second: see `Pulse`.
///
/// A connection to a server that has stopped, or behind a network that is cut, stays open and silent for minutes. What waits
/// on one looks here, and gives up where the pulse has heard nothing either.
final class Lifeline: Sendable {
    private let state = Mutex<String?>(nil)

    /// Why the server cannot be reached; nil while it can, or while nobody asks.
    var cause: String? { state.withLock { $0 } }

    func cut(_ cause: String) { state.withLock { $0 = cause } }

    func mend() { state.withLock { $0 = nil } }
}
