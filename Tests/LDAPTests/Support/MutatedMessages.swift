import Foundation
import RosterModel
import RosterSnapshot
import RosterTesting

/// An endless row of damaged messages, the same for the same seed.
struct MutatedMessages {
    private var generator: SeededGenerator
    private let originals = (Captured.all + Captured.ofNodes).map(Captured.bytes)

    /// How many cases the long run asks for: `ROSTER_FUZZ_CASES`.
    static var casesFromEnvironment: Int? {
        ProcessInfo.processInfo.environment["ROSTER_FUZZ_CASES"].flatMap { Int($0) }
    }

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    mutating func next() -> [UInt8] {
        var bytes = originals[Int.random(in: 0..<originals.count, using: &generator)]
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0 ... .max, using: &generator)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(UInt8.random(in: 0 ... .max, using: &generator), at: place)
            case 4: bytes[place] = [0x00, 0x30, 0x7F, 0x80, 0x82, 0x84, 0xA0, 0xFF].randomElement(using: &generator)!
            case 5:
                let end = min(bytes.count, place + Int.random(in: 1...12, using: &generator))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }
}
