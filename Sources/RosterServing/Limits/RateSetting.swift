package import RosterModel

/// How many calls one key may make in which time, as an administrator writes it: `2000/3600`, or `off`.
package struct RateSetting: Sendable, Hashable {
    /// So many calls in so many seconds. Can be made only within the bounds of `RateSetting`.
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

    /// What holds; nil means that nothing is limited.
    package let limit: Limit?

    private init(limit: Limit?) {
        self.limit = limit
    }

    /// Nothing is limited: operator and reader keys.
    package static let off = RateSetting(limit: nil)
    /// What an account key may do unless an administrator says otherwise; the vendor's figure (reference, code 2500).
    package static let accountKeys = RateSetting(limit: Limit(calls: 2000, seconds: 3600))
    /// How often a signature or a password may be wrong, for one address and for one name.
    package static let failures = RateSetting(limit: Limit(calls: 100, seconds: 60))

    /// - Throws: `invalidParameter` naming `rate`, where `calls` is not in 1…1,000,000,000 or `seconds` not in
    ///   1…86,400.
    package init(calls: Int, seconds: Int) throws(RosterError) {
        guard (1...1_000_000_000).contains(calls) else { throw Self.callsOutOfRange }
        guard (1...86_400).contains(seconds) else { throw Self.secondsOutOfRange }
        limit = Limit(calls: calls, seconds: seconds)
    }

    /// Reads `N/SECONDS` or `off`, exactly so: no sign, no space, no other case.
    /// - Throws: `invalidParameter` naming `rate`: another form, or a number out of its range.
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
        // Digits that no Int holds are a number all the same, only too great a one.
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
    /// What `init(_:)` reads as the same setting.
    package var description: String {
        limit.map { "\($0.calls)/\($0.seconds)" } ?? "off"
    }
}
