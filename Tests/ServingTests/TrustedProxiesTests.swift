import RosterModel
import RosterServing
import Testing

@Suite struct TrustedProxiesTests {
    // MARK: The setting

    @Test(
        arguments: [
            // setting, peer, whether it is trusted
            ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false), ("10.0.0.0/8", "10.255.255.255", true),
            ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "9.255.255.255", false),
            ("192.0.2.128/25", "192.0.2.127", false), ("192.0.2.128/25", "192.0.2.128", true),
            ("192.0.2.4/31", "192.0.2.5", true), ("192.0.2.4/32", "192.0.2.5", false),
            ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
            ("2001:db8::1", "2001:0DB8:0:0::1", true), ("2001:db8::1/128", "2001:db8::2", false),
            ("::/0", "2001:db8::1", true), ("::/0", "192.0.2.1", false), ("::/0", "::ffff:192.0.2.1", false),
            ("10.0.0.1", "::ffff:10.0.0.1", true), ("::ffff:10.0.0.1", "10.0.0.1", true),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true), ("::ffff:10.0.0.0/104", "11.0.0.0", false),
            ("::ffff:0:0/96", "192.0.2.1", true), ("::1", "::1", true), ("127.0.0.1", "::1", false),
            ("192.0.2.1,2001:db8::/32", "2001:db8::7", true), (" 192.0.2.1 , 10.0.0.0/8 ", "10.1.1.1", true),
            (" 192.0.2.1 , 10.0.0.0/8 ", "192.0.2.1", true), ("", "192.0.2.1", false), ("  ", "192.0.2.1", false),
        ])
    func knowsWhomToTrust(setting: String, peer: String, isTrusted: Bool) throws {
        let client = try TrustedProxies(setting).client(peer: peer, forwardedFor: ["203.0.113.77"])
        #expect((client == "203.0.113.77") == isTrusted)
    }

    @Test func nothingTrustsNobody() throws {
        #expect(try TrustedProxies("") == .none)
        #expect(TrustedProxies.none.client(peer: "127.0.0.1", forwardedFor: ["192.0.2.1"]) == "127.0.0.1")
    }

    @Test(
        arguments: [
            ("10.0.0", 1), ("10.0.0.256", 1), ("010.0.0.1", 1), ("10.0.0.1:80", 1), ("[::1]", 1), ("fe80::1%eth0", 1),
            ("proxy.example", 1), ("*", 1), ("10.0.0.1,", 2), (",", 1), ("10.0.0.1,,10.0.0.2", 2),
            ("10.0.0.1 10.0.0.2", 1),
            ("10.0.0.1\0", 1), ("10.0.0.1\n", 1), ("/8", 1), ("10.0.0.1,10.0.0.0 /8", 2), ("1::2::3", 1), ("0x7f.1", 1),
            ("2130706433", 1), ("::ffff:10.0.0.256", 1),
        ])
    func refusesWhatIsNoAddress(text: String, entry: Int) {
        let fault = "entry \(entry): is no IPv4 or IPv6 address or range such as 10.0.0.0/8"
        #expect(throws: RosterError.invalid("trusted-proxies", fault)) { try TrustedProxies(text) }
    }

    @Test(
        arguments: [
            ("10.0.0.0/33", "32"), ("10.0.0.0/", "32"), ("10.0.0.0/-8", "32"), ("10.0.0.0/+8", "32"),
            ("10.0.0.0/8/8", "32"),
            ("10.0.0.0/255.0.0.0", "32"), ("10.0.0.0/ 8", "32"), ("::/129", "128"), ("::/", "128"), ("::/0000", "128"),
            ("::/99999999999999999999", "128"), ("::/x", "128"),
        ])
    func refusesALengthThatTheFamilyLacks(text: String, greatest: String) {
        let fault = "entry 1: the length after / must be from 0 to \(greatest)"
        #expect(throws: RosterError.invalid("trusted-proxies", fault)) { try TrustedProxies(text) }
    }

    @Test(
        arguments: [
            ("10.1.2.3/8", 8), ("0.0.0.1/0", 0), ("192.0.2.1/31", 31), ("2001:db8::1/64", 64), ("::1/0", 0),
            ("::ffff:10.0.0.0/8", 8),
        ])
    func refusesBitsAfterThePrefix(text: String, length: Int) {
        #expect(throws: RosterError.invalid("trusted-proxies", "entry 1: has bits set after its first \(length)")) {
            try TrustedProxies(text)
        }
    }

    // MARK: The client

    /// 10.0.0.0/8 and fd00::/8 are the site's proxies; 203.0.113.x are clients, 198.51.100.x what clients make up.
    struct Case: Sendable, CustomTestStringConvertible {
        let peer: String
        let lines: [String]
        let client: String

        init(_ peer: String, _ lines: [String], _ client: String) {
            self.peer = peer
            self.lines = lines
            self.client = client
        }

        var testDescription: String { "\(peer) \(lines)" }
    }

    private func expect(_ example: Case) throws {
        let proxies = try TrustedProxies("10.0.0.0/8, fd00::/8")
        #expect(proxies.client(peer: example.peer, forwardedFor: example.lines) == example.client)
    }

    @Test(arguments: [
        Case("203.0.113.1", [], "203.0.113.1"),
        Case("203.0.113.1", ["198.51.100.1"], "203.0.113.1"),
        Case("203.0.113.1", ["10.0.0.1"], "203.0.113.1"),
        Case("203.0.113.1", ["198.51.100.1, 10.0.0.1", "10.0.0.2"], "203.0.113.1"),
        Case("2001:db8::1", ["198.51.100.1"], "2001:db8::1"),
        Case("::ffff:203.0.113.1", ["198.51.100.1"], "203.0.113.1"),
        Case("unix:/run/roster.sock", ["198.51.100.1"], "unix:/run/roster.sock"),
        Case("", ["198.51.100.1"], ""),
        Case("10.0.0.1\0", ["198.51.100.1"], "10.0.0.1\0"),
    ])
    func theHeaderOfAnUntrustedPeerIsNotLookedAt(example: Case) throws {
        try expect(example)
    }

    @Test(arguments: [
        Case("10.0.0.1", ["203.0.113.1"], "203.0.113.1"),
        Case("::ffff:10.0.0.1", ["203.0.113.1"], "203.0.113.1"),
        Case("fd00::1", ["2001:db8::1"], "2001:db8::1"),
        Case("10.0.0.1", ["203.0.113.1, 10.0.0.3, 10.0.0.2"], "203.0.113.1"),
        Case("10.0.0.1", ["203.0.113.1", "10.0.0.3", "10.0.0.2"], "203.0.113.1"),
        Case("10.0.0.1", ["203.0.113.1,10.0.0.3", "fd00::2"], "203.0.113.1"),
        Case("10.0.0.1", ["203.0.113.1, ::ffff:10.0.0.3"], "203.0.113.1"),
        Case("10.0.0.1", [" \t203.0.113.1\t "], "203.0.113.1"),
    ])
    func theClientIsTheFirstFromTheRightThatIsNoProxy(example: Case) throws {
        try expect(example)
    }

    @Test(arguments: [
        // Whatever a client sends stands to the left of its own address.
        Case("10.0.0.1", ["198.51.100.1, 203.0.113.1"], "203.0.113.1"),
        Case("10.0.0.1", ["198.51.100.1", "203.0.113.1"], "203.0.113.1"),
        Case("10.0.0.1", ["10.0.0.9, 203.0.113.1"], "203.0.113.1"),
        Case("10.0.0.1", ["127.0.0.1, 198.51.100.1, 203.0.113.1, 10.0.0.2"], "203.0.113.1"),
        Case("10.0.0.1", ["198.51.100.1, 10.0.0.9", "203.0.113.1, 10.0.0.2"], "203.0.113.1"),
        Case("10.0.0.1", [",,,,, 203.0.113.1"], "203.0.113.1"),
        Case("10.0.0.1", ["", "203.0.113.1"], "203.0.113.1"),
        Case("10.0.0.1", ["\0\u{1}, é, 203.0.113.1"], "203.0.113.1"),
        Case("10.0.0.1", [String(repeating: "10.0.0.9, ", count: 100_000) + "203.0.113.1"], "203.0.113.1"),
    ])
    func noForgedEntryIsBelieved(example: Case) throws {
        try expect(example)
    }

    @Test(arguments: [
        Case("10.0.0.1", ["203.0.113.1:4711"], "203.0.113.1"),
        Case("10.0.0.1", ["[2001:db8::1]"], "2001:db8::1"),
        Case("10.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        Case("10.0.0.1", ["[2001:db8::1]:65535, [fd00::7]:1"], "2001:db8::1"),
        Case("10.0.0.1", ["203.0.113.1:0, 10.0.0.2:8080"], "203.0.113.1"),
        Case("10.0.0.1", ["2001:DB8:0:0:0:0:0:1"], "2001:db8::1"),
        Case("10.0.0.1", ["::ffff:203.0.113.1"], "203.0.113.1"),
        Case("10.0.0.1", ["[::ffff:203.0.113.1]:443"], "203.0.113.1"),
        Case("10.0.0.1", ["::1"], "::1"),
    ])
    func portsAndBracketsArePassedOver(example: Case) throws {
        try expect(example)
    }

    @Test(arguments: [
        Case("10.0.0.1", [], "10.0.0.1"),
        Case("::ffff:10.0.0.1", [], "10.0.0.1"),
        Case("10.0.0.1", [""], "10.0.0.1"),
        Case("10.0.0.1", [" "], "10.0.0.1"),
        Case("10.0.0.1", ["203.0.113.1,"], "10.0.0.1"),
        Case("10.0.0.1", ["203.0.113.1", ""], "10.0.0.1"),
        Case("10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
        Case("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        Case("10.0.0.1", ["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.2"),
        Case("10.0.0.1", ["198.51.100.1", "unknown"], "10.0.0.1"),
    ])
    func theLastTrustedAddressStandsWhereTheTrailEnds(example: Case) throws {
        try expect(example)
    }

    @Test(arguments: [
        "unknown", "_hidden", "203.0.113", "203.0.113.256", "0203.0.113.1", "203.0.113.1:", "203.0.113.1:x",
        "203.0.113.1:65536", "203.0.113.1:000001", "203.0.113.1:-1", "203.0.113.1 :80", "203.0.113.1 203.0.113.2",
        "203.0.113.1\0", "203.0.113.1;", "\"203.0.113.1\"", "[203.0.113.1]", "[203.0.113.1]:80", "[2001:db8::1",
        "[2001:db8::1]x", "[2001:db8::1]:", "[2001:db8::1]80", "2001:db8::1]", "[]", "[", "]", ":", "[:]", "[]:80",
        ":80",
        "[[2001:db8::1]]", "2001:db8::1%eth0", "[2001:db8::1%25eth0]", "2001:db8::1::2", "1:2:3:4:5:6:7:8:9",
        "2001:db8",
        "3405803777", "0xcb007101", "for=203.0.113.1", "２03.0.113.1", "203.0.113.1\n", "-", "localhost",
    ])
    func garbageEndsTheTrail(entry: String) throws {
        try expect(Case("10.0.0.1", ["198.51.100.1, \(entry), 10.0.0.2"], "10.0.0.2"))
        try expect(Case("10.0.0.1", ["198.51.100.1", entry], "10.0.0.1"))
    }
}
