import RosterModel
import RosterTesting
import Testing

@Suite struct FilterTests {
    private let user = Fixtures.user("ZhangSan_é", uid: 10_432)

    private static let values: [Truth] = [.yes, .no, .undefined]

    @Test(arguments: values, values)
    func connectivesHaveThreeValues(left: Truth, right: Truth) {
        let both = [Filter.constant(left), .constant(right)]
        let all: Truth = left == .no || right == .no ? .no : left == .yes && right == .yes ? .yes : .undefined
        let any: Truth = left == .yes || right == .yes ? .yes : left == .no && right == .no ? .no : .undefined
        #expect(Filter.all(both).matches(user) == all)
        #expect(Filter.any(both).matches(user) == any)
    }

    @Test func negationKeepsUndefined() {
        #expect(Filter.not(.constant(.yes)).matches(user) == .no)
        #expect(Filter.not(.constant(.no)).matches(user) == .yes)
        #expect(Filter.not(.constant(.undefined)).matches(user) == .undefined)
    }

    @Test func emptyConnectivesAreTheirUnits() {
        #expect(Filter.all([]).matches(user) == .yes)
        #expect(Filter.any([]).matches(user) == .no)
    }

    @Test(arguments: [("zhangsan_é", true), ("ZHANGSAN_É", true), ("zhangsan_e\u{301}", false), ("zhang", false)])
    func namesAreEqualWithoutCase(text: String, matches: Bool) {
        #expect(Filter.equals(.username, text).matches(user) == (matches ? .yes : .no))
    }

    @Test func pathsAreEqualWithCase() {
        #expect(Filter.equals(.homeDirectory, "/public/s0723/home/ZhangSan_é").matches(user) == .yes)
        #expect(Filter.equals(.homeDirectory, "/public/s0723/home/zhangsan_é").matches(user) == .no)
    }

    @Test(arguments: [
        (Filter.Substring(parts: ["san"]), true), (.init(parts: ["N_É"]), true), (.init(parts: [""]), true),
        (.init(parts: ["%"]), false), (.init(parts: ["*"]), false), (.init(parts: ["."]), false),
        (.init(start: "zh", end: "é"), true), (.init(start: "zhangsan_é", end: "é"), false),
        (.init(start: "z", parts: ["an", "an"]), true), (.init(start: "z", parts: ["an", "an", "an"]), false),
        (.init(parts: ["zhangsan_éx"]), false), (.init(), true),
    ])
    func substringsAreLiteralAndDoNotOverlap(substring: Filter.Substring, matches: Bool) {
        #expect(Filter.substring(.username, substring).matches(user) == (matches ? .yes : .no))
    }

    @Test func numbersCompare() {
        #expect(Filter.number(.uidNumber, .equal, 10_432).matches(user) == .yes)
        #expect(Filter.number(.uidNumber, .atLeast, 10_433).matches(user) == .no)
        #expect(Filter.number(.gidNumber, .atMost, 10_000).matches(user) == .yes)
    }

    @Test func emptyTextIsNotPresent() {
        #expect(Filter.present(.username).matches(user) == .yes)
        #expect(Filter.present(.gecos).matches(user) == .no)
    }
}
