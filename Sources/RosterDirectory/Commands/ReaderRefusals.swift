import RosterModel
import Synchronization

/// Decides which refused commands of reader keys enter the operation log.
///
/// A reader key may change nothing and has no rate limit, so each of its commands is refused, and somebody who holds one
/// could fill the log. The first commands of each key and minute are logged; the others are counted, and the next one
/// that is logged tells how many there were.
final class ReaderRefusals: Sendable {
    /// How many refused commands of one key are logged in a period.
    static let maximumLogged = 10
    /// The length of a period in seconds.
    static let period: Int64 = 60

    private struct Window {
        var start: Timestamp
        var logged = 0
        var unlogged = 0
    }

    private let windows = Mutex<[AccessKeyID: Window]>([:])

    /// Counts one refused command of `key`.
    /// - Returns: nil if it is not to be logged; otherwise how many before it were not logged.
    func consume(_ key: AccessKeyID, now: Timestamp) -> Int? {
        windows.withLock { windows in
            var window = windows[key] ?? Window(start: now)
            if now.seconds - window.start.seconds >= Self.period || now < window.start {
                window = Window(start: now, unlogged: window.unlogged)
            }
            defer { windows[key] = window }
            guard window.logged < Self.maximumLogged else {
                window.unlogged += 1
                return nil
            }
            window.logged += 1
            defer { window.unlogged = 0 }
            return window.unlogged
        }
    }
}
