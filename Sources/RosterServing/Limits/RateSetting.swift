package import RosterModel

/// The number of calls that one key may make in a period, as an administrator writes it: `2000/3600`, or `off`.
package struct RateSetting: Sendable, Hashable {
    /// A number of calls in a number of seconds. It can only be created within the bounds that `RateSetting` checks.
    package struct Limit: Sendable, Hashable {
        /// 1…1,000,000,000.
        package let calls: Int
        /// 1…86,400.
        package let seconds: Int

        fileprivate init(calls: Int, seconds: Int) {
            self.calls = calls
            self.seconds = seconds
        }
    }

    /// The limit; nil if there is none.
    package let limit: Limit?

    private init(limit: Limit?) {
        self.limit = limit
    }

    /// No limit, for operator and reader keys.
    package static let off = RateSetting(limit: nil)
    /// The default for account keys, the vendor's figure (reference, code 2500).
    package static let accountKeys = RateSetting(limit: Limit(calls: 2000, seconds: 3600))
    /// The limit of failed signatures and passwords, for each address and each name.
    package static let failures = RateSetting(limit: Limit(calls: 100, seconds: 60))

    /// Creates a limit.
    /// - Throws: `invalidParameter` for `rate` if `calls` is not in 1…1,000,000,000 or `seconds` not in 1…86,400.
    package init(calls: Int, seconds: Int) throws(RosterError) {
        guard (1...1_000_000_000).contains(calls) else { throw Self.callsOutOfRange }
        guard (1...86_400).contains(seconds) else { throw Self.secondsOutOfRange }
        limit = Limit(calls: calls, seconds: seconds)
    }

    /// Parses exactly `N/SECONDS` or `off`: no sign, no space, no upper case.
    /// - Throws: `invalidParameter` for `rate` if the text has another form or a number is out of range.
    package init(_ text: some StringProtocol) throws(RosterError) {
        guard text != "off" else {
            self = .off
            return
        }
        var reader = DigitReader(Array(text.utf8)[...])
        let calls = reader.digits()
        guard !calls.isEmpty, reader.skip("/") else { throw Self.malformed }
        let seconds = reader.digits()
        guard !seconds.isEmpty, reader.isAtEnd else { throw Self.malformed }
        // Digits that do not fit into an Int are a number too, only one that is out of range.
        guard let calls = Int(String(decoding: calls, as: UTF8.self)) else { throw Self.callsOutOfRange }
        guard let seconds = Int(String(decoding: seconds, as: UTF8.self)) else { throw Self.secondsOutOfRange }
        try self.init(calls: calls, seconds: seconds)
    }

    private static var malformed: RosterError {
        .invalid("rate", "must be calls/seconds, such as 2000/3600, or off")
    }
    private static var callsOutOfRange: RosterError {
        .invalid("rate", "the number of calls must be from 1 to 1000000000")
    }
    private static var secondsOutOfRange: RosterError {
        .invalid("rate", "the number of seconds must be from 1 to 86400")
    }
}

extension RateSetting: CustomStringConvertible {
    /// The text that `init(_:)` parses as the same setting.
    package var description: String {
        limit.map { "\($0.calls)/\($0.seconds)" } ?? "off"
    }
}
