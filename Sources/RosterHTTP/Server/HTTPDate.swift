import RosterDirectory
import RosterModel

/// The `Date` of a response (RFC 9110, section 5.6.7). It is formatted once a second.
struct HTTPDate {
    private var time = Timestamp(seconds: .min)
    private var text = ""

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `now` in the form `Sun, 06 Nov 1994 08:49:37 GMT`.
    mutating func text(at now: Timestamp) -> String {
        if now != time {
            time = now
            // The 1st of January 1970 was a Thursday.
            let day = Self.days[Int(((now.seconds / 86_400) % 7 + 7) % 7)]
            let parts = now.iso8601.split { "-T:Z".contains($0) }
            let month = Self.months[(Int(parts[1]) ?? 1) - 1]
            text = "\(day), \(parts[2]) \(month) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) GMT"
        }
        return text
    }
}
