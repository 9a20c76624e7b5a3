import RosterModel

/// The addresses in `X-Forwarded-For`, last added first.
///
/// The header has no standard. Proxies add `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or
/// `[2001:db8::1]:4711`, either to the right of what they received, or in a line of its own after it.
struct ForwardedHops {
    private var lines: ArraySlice<String>
    /// The rest of the current line; nil if it is used up.
    private var line: Substring?

    init(_ lines: [String]) {
        self.lines = lines[...]
    }

    /// The next address to the left; nil at the end, and at an entry that is empty or not an address. Do not call it
    /// again after nil: entries to the left of an invalid one cannot be trusted.
    mutating func next() -> IPAddress? {
        if line == nil { line = lines.popLast()?[...] }
        guard let text = line else { return nil }
        guard let comma = text.utf8.lastIndex(of: UInt8(ascii: ",")) else {
            line = nil
            return Self.address(text)
        }
        line = text[..<comma]
        return Self.address(text[text.utf8.index(after: comma)...])
    }

    private static func address(_ entry: Substring) -> IPAddress? {
        let text = Array(entry.utf8.trimmingSpaces(andTabs: true))
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")), isPortOrNothing(text[(end + 1)...]),
                text[..<end].contains(UInt8(ascii: ":"))
            else { return nil }
            return IPAddress(String(decoding: text[1..<end], as: UTF8.self))
        }
        // A single colon separates an IPv4 address from a port; two or more belong to an IPv6 address, which needs
        // brackets to have a port.
        if let colon = text.firstIndex(of: UInt8(ascii: ":")), text.lastIndex(of: UInt8(ascii: ":")) == colon {
            guard isPortOrNothing(text[colon...]) else { return nil }
            return IPAddress(String(decoding: text[..<colon], as: UTF8.self))
        }
        return IPAddress(String(decoding: text, as: UTF8.self))
    }

    /// Whether `text` is empty or `:` and 0…65535.
    private static func isPortOrNothing(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.first == UInt8(ascii: ":") else { return text.isEmpty }
        let digits = text.dropFirst()
        return (1...5).contains(digits.count) && digits.allSatisfy { (0x30...0x39).contains($0) }
            && UInt16(String(decoding: digits, as: UTF8.self)) != nil
    }
}
