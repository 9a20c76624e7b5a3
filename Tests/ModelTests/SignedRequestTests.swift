import RosterModel
import Testing

@Suite struct SignedRequestTests {
    private func parse(_ query: String) throws(RosterError) -> SignedRequest {
        try SignedRequest(method: "GET", path: "/api/user", rawQuery: query)
    }

    @Test func decodesEscapesAndPlus() throws {
        let request = try parse("a=1%202+3&%62=%E5%BC%A0&c&d=&&e=x=y")
        #expect(request.parameters.map(\.name) == ["a", "b", "c", "d", "e"])
        #expect(request.parameters.map(\.value) == ["1 2 3", "张", "", "", "x=y"])
        #expect(request["d"] == "")
        #expect(request["f"] == nil)
    }

    @Test(arguments: [
        ("limit=%", "limit"), ("limit=%4", "limit"), ("limit=%zz", "limit"), ("limit=%ff", "limit"),
        ("zone=a&zone=b", "zone"), ("zone=a&%7Aone=b", "zone"), ("zone=%ed%a0%80", "zone"),
    ])
    func namesTheParameterAtFault(query: String, name: String) {
        let error = #expect(throws: RosterError.self) { try parse(query) }
        #expect(error?.code == .invalidParameter)
        #expect(error?.message.hasPrefix(name + ":") == true)
    }

    @Test(arguments: ["=1", "%=1", "%ff=1", "a=1&=2"])
    func refusesNamelessParameters(query: String) {
        #expect(throws: RosterError.self) { try parse(query) }
    }

    @Test func namesInDifferentUnicodeFormsAreTwoNames() throws {
        #expect(try parse("%C3%A9=1&e%CC%81=2").parameters.count == 2)
    }

    @Test func capsTheNumberOfParameters() throws {
        let pairs = (0..<64).map { "p\($0)=" }
        #expect(try parse(pairs.joined(separator: "&")).parameters.count == 64)
        #expect(throws: RosterError.self) { try parse((pairs + ["q="]).joined(separator: "&")) }
    }

    @Test func errorTextsAreOnePrintableLine() {
        let error = #expect(throws: RosterError.self) { try parse("a%0Ab%1B=1&a%0Ab%1B=2") }
        #expect(error?.message == "a?b?: is present twice")
    }
}
