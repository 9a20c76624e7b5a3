import RosterModel
import Synchronization

/// The identifier of a request, in the log and in the response's `Roster-Request-Id`.
struct RequestID: Sendable {
    /// Fifteen hexadecimal digits: six random ones per process, then a counter.
    let text: String

    private static let process = UInt64.random(in: 0..<(1 << 24)) << 36
    private static let counter = Atomic<UInt64>(0)

    init() {
        let count = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        let number = Self.process | count & (1 << 36 - 1)
        // A string of at most fifteen bytes needs no allocation.
        text = String(unsafeUninitializedCapacity: 15) { buffer in
            for place in 0..<15 {
                let digit = UInt8(number >> UInt64(56 - 4 * place) & 0xF)
                buffer[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 15
        }
    }
}
