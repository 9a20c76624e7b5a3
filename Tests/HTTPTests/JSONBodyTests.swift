import RosterModel
import Testing

@testable import RosterHTTP

@Suite(.timeLimit(.minutes(5))) struct JSONBodyTests {
    private func body(_ text: String) throws -> JSONBody { try JSONBody(Array(text.utf8)) }

    @Test func readsFlatObjects() throws {
        let body = try body(
            #" { "a" : "x\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00张", "b": -1.5e+3, "c":true, "d": null, "e": [1, {"f": []}], "g": {} } "#
        )
        #expect(body.members["a"] == .string("x\"\\/\u{8}\u{C}\n\r\té😀张"))
        #expect(body.members["b"] == .number("-1.5e+3"))
        #expect(body.members["c"] == .boolean(true))
        #expect(body.members["d"] == .null)
        #expect(body.members["e"] == .list([.number("1"), .object(["f": .list([])])]))
        #expect(body.members["g"] == .object([:]))
        #expect(try self.body("{}").members.isEmpty)
    }

    @Test func readsListsOfNames() throws {
        let body = try body(#"{"a": ["x", "y"], "b": [], "c": null, "d": "x", "e": [1], "f": [""], "g": [["x"]]}"#)
        #expect(try body.names("a") == ["x", "y"])
        for name in ["b", "c", "none"] { #expect(try body.names(name).isEmpty) }
        for name in ["d", "e", "f", "g"] { #expect(throws: RosterError.self) { try body.names(name) } }
        let many = Array(repeating: "\"x\"", count: 1001)
        #expect(try self.body("{\"a\": [\(many.dropFirst().joined(separator: ","))]}").names("a").count == 1000)
        #expect(throws: RosterError.self) {
            try self.body("{\"a\": [\(many.joined(separator: ","))]}").names("a")
        }
        #expect(throws: RosterError.self) {
            try self.body("{\"a\": [\"\(String(repeating: "x", count: 257))\"]}").names("a")
        }
    }

    @Test(arguments: [
        "", " ", "x", "[]", "\"a\"", "1", "null", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":1}x",
        "{\"a\":1}{}", "{'a':1}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":tru}", "{\"a\":NaN}",
        "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\n\"}",
        "{\"a\":\"b}", "{\"a\":[1,]}", "{\"a\":[}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{a:1}", "{\"a\":\"\\\"}",
    ])
    func refusesWhatIsNoObject(text: String) {
        let error = #expect(throws: RosterError.self) { try body(text) }
        #expect(error?.code == .invalidParameter)
        #expect(error?.message.hasPrefix("body:") == true)
    }

    @Test func refusesOtherBytes() {
        #expect(throws: RosterError.self) { try JSONBody([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]) }
        #expect(throws: RosterError.self) { try JSONBody(Array("{\"a\":1}".utf16.flatMap { [UInt8($0 & 0xFF), 0] })) }
    }

    @Test func aMemberThatIsPresentTwiceIsNamed() {
        for text in ["{\"zone\":1,\"zone\":1}", "{\"zone\":1,\"z\\u006fne\":2}"] {
            let error = #expect(throws: RosterError.self) { try body(text) }
            #expect(error?.message == "zone: is present twice")
        }
    }

    @Test func capsDepthAndMembers() throws {
        func nested(_ depth: Int) -> String {
            "{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        _ = try body(nested(15))
        #expect(throws: RosterError.self) { try body(nested(17)) }
        #expect(throws: RosterError.self) { try body(nested(500_000)) }
        let many = (0..<65).map { "\"m\($0)\":1" }.joined(separator: ",")
        #expect(throws: RosterError.self) { try body("{\(many)}") }
    }

    @Test(arguments: ["0", "-0", "1", "-12", "1.5", "0.25", "1e9", "1E+9", "-1.5e-3", "10432"])
    func readsNumbers(text: String) throws {
        #expect(try body("{\"a\":\(text)}").members["a"] == .number(text))
    }

    @Test(arguments: [
        "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "1.5.5", "1e5e5", "0x1", "--1", "1-", "Infinity",
    ])
    func refusesWhatIsNoNumber(text: String) {
        #expect(throws: RosterError.self) { try body("{\"a\":\(text)}") }
    }

    @Test func membersHaveTypes() throws {
        let body = try body(#"{"a":"x","b":1,"c":null,"d":"","e":true,"f":"10432","g":10432,"h":1.5}"#)
        #expect(try body.required("a") == "x")
        #expect(try body.optional("c") == nil)
        #expect(try body.optional("d") == nil)
        #expect(try body.posixNumber("f") == 10_432)
        #expect(try body.posixNumber("g") == 10_432)
        for name in ["b", "c", "d", "e", "none"] {
            let error = #expect(throws: RosterError.self) { try body.required(name) }
            #expect(error?.message.hasPrefix(name + ":") == true)
        }
        #expect(throws: RosterError.self) { try body.posixNumber("h") }
    }
}
