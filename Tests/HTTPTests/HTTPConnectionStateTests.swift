import NIOCore
import NIOHTTP1
import Testing

@testable import RosterHTTP

/// What a connection does with what arrives, without a socket.
@Suite(.timeLimit(.minutes(5))) struct HTTPConnectionStateTests {
    private var state = HTTPConnectionState(largestBody: 8)

    private static func head(
        _ uri: String = "/", _ method: HTTPMethod = .GET, version: HTTPVersion = .http1_1,
        headers: [(String, String)] = [("Host", "a")]
    ) -> HTTPConnectionState.Input {
        .part(.head(HTTPRequestHead(version: version, method: method, uri: uri, headers: HTTPHeaders(headers))))
    }

    private static func post(_ headers: [(String, String)]) -> HTTPConnectionState.Input {
        head("/", .POST, headers: [("Host", "a")] + headers)
    }

    private static func body(_ text: String) -> HTTPConnectionState.Input { .part(.body(ByteBuffer(string: text))) }
    private static let end = HTTPConnectionState.Input.part(.end(nil))

    /// The action in a word or two.
    private static func brief(_ action: HTTPConnectionState.Action?) -> String {
        switch action {
        case nil: "nothing waits"
        case .none?: "none"
        case .beginBody(_, let expectsContinue)?: expectsContinue ? "begin, continue" : "begin"
        case .answer(let head, let body)?: "answer \(head.uri) \(body.map { String(buffer: $0) } ?? "without body")"
        case .refuse(.badRequest)?: "refuse"
        case .refuse(.notImplemented)?: "not implemented"
        case .closeOutput?: "close output"
        case .close?: "close"
        }
    }

    private mutating func receive(_ inputs: HTTPConnectionState.Input...) -> [String] {
        inputs.map { Self.brief(state.receive($0)) }
    }

    @Test mutating func answersARequestAtItsEnd() {
        #expect(receive(Self.head(), Self.end) == ["none", "answer / "])
        #expect(Self.brief(state.responseWritten()) == "none")
        #expect(Self.brief(state.next()) == "nothing waits")
    }

    @Test mutating func answersOneRequestAtATimeInTheirOrder() {
        _ = receive(Self.head("/1"), Self.end)
        #expect(!state.mayRead)
        #expect(receive(Self.head("/2"), Self.end, Self.head("/3")) == ["none", "none", "none"])
        #expect(Self.brief(state.next()) == "nothing waits")
        _ = state.responseWritten()
        #expect(Self.brief(state.next()) == "none")
        #expect(Self.brief(state.next()) == "answer /2 ")
        #expect(Self.brief(state.next()) == "nothing waits")
        _ = state.responseWritten()
        #expect(Self.brief(state.next()) == "none")
        #expect(state.mayRead)
        #expect(receive(Self.end) == ["answer /3 "])
    }

    @Test mutating func collectsABodyUpToItsLimit() {
        #expect(
            receive(Self.post([("Content-Length", "8")]), Self.body("four"), Self.body("more"), Self.end) == [
                "begin", "none", "none", "answer / fourmore",
            ])
    }

    @Test mutating func answersATooLargeBodyAtOnceAndDiscardsItsRest() {
        #expect(
            receive(Self.post([("Transfer-Encoding", "chunked")]), Self.body("fourmore"), Self.body("!")) == [
                "begin", "none", "answer / without body",
            ])
        #expect(state.mayRead)
        _ = state.responseWritten()
        #expect(
            receive(Self.body("rest"), Self.end, Self.head("/2"), Self.end) == ["none", "none", "none", "answer /2 "])
    }

    @Test mutating func discardsTheRestOfABodyThatWaited() {
        _ = receive(
            Self.head("/1"), Self.end, Self.post([("Content-Length", "18")]), Self.body("too large"),
            Self.body("fourmore!"), Self.end, Self.head("/3"), Self.end)
        _ = state.responseWritten()
        #expect(Self.brief(state.next()) == "begin")
        #expect(Self.brief(state.next()) == "answer / without body")
        #expect(receive(Self.head("/4")) == ["none"])
        #expect([state.next(), state.next()].map(Self.brief) == ["none", "none"])
        #expect(Self.brief(state.next()) == "nothing waits")
        _ = state.responseWritten()
        #expect([state.next(), state.next()].map(Self.brief) == ["none", "answer /3 "])
    }

    @Test mutating func answersABodyThatBreaksOffAndCloses() {
        #expect(
            receive(Self.post([("Content-Length", "8")]), Self.body("four"), .malformed) == [
                "begin", "none", "answer / without body",
            ])
        #expect(Self.brief(state.responseWritten()) == "close output")
    }

    @Test(arguments: [
        (HTTPVersion.http1_1, [("Host", "a"), ("Connection", "close")]), (.http1_0, []),
    ]) mutating func closesAfterTheLastResponse(version: HTTPVersion, headers: [(String, String)]) {
        _ = receive(Self.head(version: version, headers: headers), Self.end, Self.head("/2"), Self.end)
        #expect(Self.brief(state.responseWritten()) == "close output")
        #expect(Self.brief(state.next()) == "nothing waits")
        #expect(receive(Self.head(), .inputClosed) == ["none", "close"])
    }

    @Test(arguments: [[], [("Host", "a"), ("host", "b")]])
    mutating func refusesNoHostAndTwo(headers: [(String, String)]) {
        #expect(receive(Self.head(headers: headers), Self.end) == ["refuse", "none"])
    }

    @Test mutating func refusesWhatIsNoHTTPAfterEarlierResponses() {
        _ = receive(Self.head(), Self.end, .malformed)
        _ = state.responseWritten()
        #expect(Self.brief(state.next()) == "refuse")
    }

    @Test mutating func asksForABodyThatTheClientHoldsBack() {
        #expect(
            receive(Self.post([("Content-Length", "8"), ("Expect", "100-Continue")])) == ["begin, continue"])
        #expect(receive(Self.body("fourmore"), Self.end) == ["none", "answer / fourmore"])
        #expect(!state.isBodyDeclined)
    }

    @Test mutating func declinesAHeldBackBodyThatIsTooLarge() {
        #expect(
            receive(Self.post([("Content-Length", "9"), ("Expect", "100-continue")])) == ["answer / without body"])
        #expect(state.isBodyDeclined)
        #expect(Self.brief(state.responseWritten()) == "close output")
    }

    @Test mutating func discardsABodyThatNoResponseNeeds() {
        _ = receive(Self.post([("Content-Length", "8")]))
        state.answerBeforeBody()
        #expect(Self.brief(state.responseWritten()) == "none")
        #expect(receive(Self.body("fourmore"), Self.end, Self.head("/2"), Self.end).last == "answer /2 ")
    }

    @Test mutating func stopsAtOnceWithoutARequestAndAfterTheLastWithOne() {
        var idle = state
        #expect(Self.brief(idle.stop()) == "close")
        _ = receive(Self.head("/1"), Self.end, Self.head("/2"), Self.end)
        #expect(Self.brief(state.stop()) == "none")
        #expect(Self.brief(state.responseWritten()) == "none")
        _ = state.next()
        #expect(Self.brief(state.next()) == "answer /2 ")
        #expect(Self.brief(state.responseWritten()) == "close")
    }

    @Test(arguments: ["a b", "a/b", "a?b", "user@a", "a\u{7F}", "é", "a#b", "a\\b"])
    func refusesAMalformedHost(host: String) {
        var state = HTTPConnectionState(largestBody: 8)
        #expect(Self.brief(state.receive(Self.head(headers: [("Host", host)]))) == "refuse")
    }

    @Test(arguments: ["", "a", "a:8080", "[::1]:80", "hpc-api.example.com", "10.0.0.1"])
    func takesAHost(host: String) {
        var state = HTTPConnectionState(largestBody: 8)
        #expect(Self.brief(state.receive(Self.head(headers: [("Host", host)]))) == "none")
    }

    @Test func readsNoTransferCodingButChunked() {
        for (codings, version, expected) in [
            (["chunked"], HTTPVersion.http1_1, "begin"), (["Chunked"], .http1_1, "begin"),
            (["gzip, chunked"], .http1_1, "not implemented"), (["gzip", "chunked"], .http1_1, "not implemented"),
            (["chunked", "chunked"], .http1_1, "not implemented"), (["identity"], .http1_1, "not implemented"),
            (["chunked"], .http1_0, "refuse"),
        ] {
            var state = HTTPConnectionState(largestBody: 8)
            let headers = [("Host", "a")] + codings.map { ("Transfer-Encoding", $0) }
            let action = state.receive(Self.head("/", .POST, version: version, headers: headers))
            #expect(Self.brief(action) == expected, "\(codings) by \(version)")
        }
    }

    @Test mutating func answersAClientThatHasClosedItsSide() {
        _ = receive(Self.head(), Self.end, .inputClosed)
        #expect(Self.brief(state.responseWritten()) == "none")
        #expect(Self.brief(state.next()) == "close")
    }

    @Test mutating func waitsForTheClientUnlessACompleteRequestIsAnswered() {
        #expect(state.isWaitingForClient)
        _ = receive(Self.head())
        #expect(state.isWaitingForClient)
        _ = receive(Self.end)
        #expect(!state.isWaitingForClient)
    }

    @Test mutating func doesNotReadWhileTheClientDoesNot() {
        state.isWritable = false
        #expect(!state.mayRead)
        state.isWritable = true
        #expect(state.mayRead)
    }

    /// Requests that came in one read wait while the responses before them are not read.
    @Test mutating func answersNothingMoreWhileTheClientDoesNotRead() {
        #expect(receive(Self.head("/1"), Self.end) == ["none", "answer /1 "])
        state.isWritable = false
        #expect(Self.brief(state.responseWritten()) == "none")
        #expect(receive(Self.head("/2"), Self.end, .inputClosed) == ["none", "none", "none"])
        #expect(Self.brief(state.next()) == "nothing waits")
        state.isWritable = true
        #expect(Self.brief(state.next()) == "none")
        #expect(Self.brief(state.next()) == "answer /2 ")
        _ = state.responseWritten()
        #expect(Self.brief(state.next()) == "close")
    }
}
