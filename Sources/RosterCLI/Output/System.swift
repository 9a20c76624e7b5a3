import Foundation
import RosterModel

/// The message of the last failed system call.
func systemError() -> String { String(cString: strerror(errno)) }

extension Timestamp {
    /// The machine's current time.
    static var now: Timestamp { Timestamp(seconds: Int64(time(nil))) }
}
