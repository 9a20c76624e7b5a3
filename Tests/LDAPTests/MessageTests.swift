import NIOCore
import NIOTestUtils
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

@testable import RosterLDAP

@Suite(.timeLimit(.minutes(5))) struct MessageTests {
    private func read(_ bytes: [UInt8], maximumBytes: Int = MessageDecoder.defaultMaximumBytes) throws -> LDAPMessage? {
        var decoder = MessageDecoder(MessageDecoder.Limit(maximumBytes))
        var buffer = ByteBuffer(bytes: bytes)
        return try decoder.decode(buffer: &buffer)
    }

    private func read(_ hex: String) throws -> LDAPMessage? { try read(Captured.bytes(hex)) }

    private func fault(_ bytes: [UInt8]) -> BERError.Code? {
        do {
            _ = try read(bytes)
            return nil
        } catch {
            return (error as? BERError)?.code
        }
    }

    private func text(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

    // MARK: What clients send

    @Test func readsTheBindOfLdapsearch() throws {
        let bind = BindRequest(name: "cn=K,ou=Services,dc=x", password: "s3cret")
        #expect(try read(Captured.bind) == LDAPMessage(id: 1, request: .bind(bind)))
    }

    @Test func readsThePagedSearchOfLdapsearch() throws {
        let message = try #require(try read(Captured.pagedSearch))
        let filter = SearchFilter.and([
            .equality(.init("objectClass", "posixAccount")),
            .or([
                .substrings(.init("uid", initial: "a", parts: ["b"], final: "c")), .not(.present(text("cn"))),
                .atLeast(.init("uidNumber", "5")), .atMost(.init("uid", "z")), .approximate(.init("cn", "q")),
                .extensible(.init(rule: "caseExactMatch", attribute: "uid", value: "Z")),
                .extensible(.init(rule: nil, attribute: "ou", value: "People", dnAttributes: true)),
            ]),
        ])
        let search = SearchRequest(
            base: "ou=hpc-a,dc=x", scope: .subtree, filter: filter, attributes: ["uid", "*", "+"], sizeLimit: 7,
            timeLimit: 9)
        #expect(message.id == 2)
        #expect(message.request == .search(search))
        let control = try #require(message.controls.first)
        #expect(control.type == PagedResults.type)
        #expect(try PagedResults(control.value) == PagedResults(size: 100))
    }

    @Test func readsTheOtherRequestsOfTheTools() throws {
        #expect(try read(Captured.unbind)?.request == .unbind)
        #expect(try read(Captured.delete)?.request == .write(.delete))
        #expect(
            try read(Captured.compare)?.request == .compare(CompareRequest(entry: "uid=a,dc=x", .init("uid", "a"))))
        #expect(try read(Captured.whoAmI)?.request == .extended(ExtendedRequest(name: ExtendedRequest.whoAmI)))
        guard case .extended(let request)? = try read(Captured.modifyPassword)?.request else {
            Issue.record("no extended request")
            return
        }
        #expect(request.name == ExtendedRequest.modifyPassword)
        let change = try PasswordModifyRequest(request.value)
        #expect(change.identity == text("uid=a,dc=x"))
        #expect(change.old?.bytes == text("old"))
        #expect(change.new?.bytes == text("new"))
    }

    @Test func readsBytesHoweverTheyArrive() throws {
        var pairs: [(ByteBuffer, [LDAPMessage])] = []
        for hex in Captured.all {
            pairs.append((ByteBuffer(bytes: Captured.bytes(hex)), [try #require(try read(hex))]))
        }
        try ByteToMessageDecoderVerifier.verifyDecoder(inputOutputPairs: pairs) { MessageDecoder() }
    }

    // MARK: What LDAP asks for beyond BER

    @Test func ignoresComponentsThatItDoesNotKnow() throws {
        // A bind, and an unbind, each with a component behind those of today.
        let bind = try read("30110201016009020103040080008500860100")
        #expect(bind?.request == .bind(BindRequest(name: "", password: "")))
    }

    @Test func takesEveryByteButZeroForTrue() throws {
        var bytes = Captured.bytes(Captured.pagedSearch)
        let place = try #require(bytes.lastIndex(of: 0xFF))
        bytes[place] = 0x01
        #expect(try read(bytes) == read(Captured.pagedSearch))
    }

    @Test func rejectsIndefiniteLengths() {
        #expect(fault([0x30, 0x80, 0x02, 0x01, 0x01, 0x42, 0x00, 0x00, 0x00]) == .indefiniteLength)
        #expect(fault([0x30, 0x09, 0x02, 0x01, 0x01, 0x60, 0x80, 0x02, 0x01, 0x03, 0x00]) == .indefiniteLength)
    }

    @Test func rejectsLongMessagesByTheirHeader() throws {
        #expect(fault([0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF]) == .tooLong)
        #expect(fault([0x30, 0x88, 0, 0, 0, 0, 0, 0, 0, 1]) == .tooLong)
        #expect(throws: BERError.self) { try read([0x30, 0x0B], maximumBytes: 10) }
        #expect(try read([0x30, 0x0A], maximumBytes: 10) == nil)
    }

    @Test(arguments: [
        ("a TLS hello", "16030100"), ("a line of HTTP", "474554202f"), ("no request", "3003020101"),
        ("a negative number", "30050201ff4200"), ("a context tag", "3005020101a000"),
        ("no number", "30054200020101"), ("a length beyond the end", "30050201014205"),
        ("a tag of two bytes", "30061f0100020101"),
    ])
    func rejectsWhatIsNoMessage(name: String, hex: String) {
        #expect(fault(Captured.bytes(hex)) == .malformed)
    }

    @Test func rejectsDeepAndLargeFilters() throws {
        func message(_ filter: [UInt8]) -> [UInt8] {
            let head: [UInt8] = [0x04, 0, 0x0A, 1, 2, 0x0A, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0]
            return wrap(0x30, [2, 1, 1] + wrap(0x63, head + filter + [0x30, 0]))
        }
        let leaf: [UInt8] = [0x87, 1, 0x61]
        func nested(_ depth: Int) -> [UInt8] { (1..<depth).reduce(leaf) { filter, _ in wrap(0xA2, filter) } }
        func isTooComplex(_ filter: [UInt8]) throws -> Bool {
            guard case .unreadable(.search, let fault)? = try read(message(filter))?.request else { return false }
            return fault.code == .tooComplex
        }
        #expect(try !isTooComplex(nested(SearchFilter.maximumDepth)))
        #expect(try isTooComplex(nested(SearchFilter.maximumDepth + 1)))
        #expect(fault(message(nested(60))) == .malformed)
        let nodes = SearchFilter.maximumNodes
        #expect(try !isTooComplex(wrap(0xA0, Array(repeatElement(leaf, count: nodes - 1).joined()))))
        #expect(try isTooComplex(wrap(0xA0, Array(repeatElement(leaf, count: nodes).joined()))))
    }

    private func wrap(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
    }

    // MARK: What is left unread

    @Test func showsNoPassword() throws {
        let message = try #require(try read(Captured.bind))
        var dumped = ""
        dump(message, to: &dumped)
        for shown in ["\(message)", String(reflecting: message), dumped] {
            #expect(!shown.contains("115, 51, 99"))
            #expect(!shown.contains("s3cret"))
        }
    }

    @Test func answersAreWhatTheyShouldBe() throws {
        var writer = ResponseWriter(buffer: ByteBuffer())
        writer.result(id: 300, .search, .noSuchObject, matched: "dc=x", message: "no", page: PagedResults(size: 0))
        let expected =
            "30840000004c" + "0202012c" + "65840000000d" + "0a0120" + "040464633d78" + "04026e6f" + "a0840000002f"
            + "308400000029" + "0416312e322e3834302e3131333535362e312e342e333139" + "04840000000b" + "308400000005"
            + "0201000400"
        #expect(Array(writer.buffer.readableBytesView) == Captured.bytes(expected))
    }

    // MARK: Mutation

    /// Messages of clients with bytes changed, taken out, put in and doubled: whatever comes, it is read or refused.
    @Test func survivesMutatedMessages() {
        let cases = MutatedMessages.casesFromEnvironment ?? 2000
        var mutations = MutatedMessages(seed: 5)
        for _ in 0..<cases {
            let bytes = mutations.next()
            var decoder = MessageDecoder()
            var buffer = ByteBuffer(bytes: bytes)
            do {
                while let message = try decoder.decode(buffer: &buffer) {
                    for control in message.controls { _ = try? PagedResults(control.value) }
                    if case .extended(let request) = message.request { _ = try? PasswordModifyRequest(request.value) }
                }
            } catch {
                #expect(error is BERError)
            }
        }
    }
}
