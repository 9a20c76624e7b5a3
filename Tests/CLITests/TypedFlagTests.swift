import RosterModel
import Testing

@testable import RosterCLI

@Suite struct TypedFlagTests {
    private static let typed = ["roster", "user", "expire", "--at=x", "--cluster-id", "c", "--", "--limit"]

    @Test(arguments: [
        ("cluster_id: no such", "--cluster-id: no such"), ("expires: is wrong", "--at: is wrong"),
        ("limit: is wrong", "limit: is wrong"), ("no colon", "no colon"), (": x", ": x"), ("", ""),
        ("a b: x", "a b: x"), ("mode: cluster_id: x", "mode: cluster_id: x"),
    ])
    func aMessageNamesTheFlagThatWasTyped(message: String, told: String) {
        #expect(TypedFlag.message(message, in: Self.typed) == told)
    }

    @Test func theTypedNameOfSeveralIsTold() {
        #expect(TypedFlag.name(among: ["--since", "--at"], in: Self.typed) == "--at")
        #expect(TypedFlag.name(among: ["--since", "--limit"], in: Self.typed) == "--since")
    }

    @Test(arguments: [
        (["usr", "list"], "no such command 'usr'; did you mean 'user'?"),
        (["user", "lsit", "x"], "no such command 'lsit'; did you mean 'list'?"),
        (["serev"], "no such command 'serev'; did you mean 'serve'?"),
    ])
    func aMisspeltCommandIsTold(words: [String], told: String) {
        #expect(CommandNames.fault(in: words) == told)
    }

    @Test(arguments: [
        [], ["--help"], ["user"], ["user", "list", "usr"], ["help", "usr"], ["import", "x"], ["user", "--zone"],
    ])
    func whatIsKnownIsLeftToTheParser(words: [String]) {
        #expect(CommandNames.fault(in: words) == nil)
    }

    @Test func aLongWordIsComparedQuickly() {
        #expect(CommandNames.fault(in: [String(repeating: "a", count: 1 << 20)])?.contains("there are") == true)
    }

    @Test func distancesAreThoseOfTheField() {
        for (first, second, expected) in [
            ("", "", 0), ("", "ab", 2), ("usr", "user", 1), ("lsit", "list", 1), ("abc", "xyz", 3), ("user", "usre", 1),
        ] {
            #expect(EditDistance.between(Array(first.utf8), Array(second.utf8), atMost: .max) == expected)
        }
    }
}
