import RosterCredentials
import RosterModel
import Testing

/// The signatures were made by another program:
/// `printf 'GET\n%s\n%s\n%s' PATH QUERY d41d8cd98f00b204e9800998ecf8427e | openssl dgst -sha256 -hmac SECRET -binary | base64`
@Suite(.timeLimit(.minutes(5))) struct SignatureTests {
    private static let query =
        "access_key_id=QYACCESSKEYIDEXAMPLE&limit=10&search_word=zhang%20san&signature_method=HmacSHA256"
        + "&signature_version=1&timestamp=2021-08-17T09%3A12%3A40Z&version=1&zone=zone1"
    private static let plusQuery = query.replacing("%20", with: "+")

    private static let bare = "NfkTF5wbQy+H74YiQshPXr1etzyvanc8K2xqGlddnEQ="
    private static let slashed = "OpXPidyUhzsE+EPD5dC3fMyIXForVDGeqUSG+x4bmDs="
    private static let plusBare = "Ui3Fnal0wpn2BIffF5ujYHo3get0zPK+TAAYgsp27WY="
    private static let plusSlashed = "ARBRCUAyAe+/Jhj35yjyL02jWKsbO2hFqFfeXrfhX/Q="

    private let judge = HMACSignatures().prepare(secret: Array("SECRETACCESSKEYEXAMPLE".utf8))

    private func accepts(
        _ signature: String, query: String, path: String = "/api/user", method: String = "GET", body: String = ""
    ) throws -> Bool {
        var request = try SignedRequest(method: method, path: path, rawQuery: query + "&signature=" + signature)
        request.body = Array(body.utf8)
        return judge.accepts(request)
    }

    private static func once(_ signature: String) -> String { CanonicalQuery.encode(signature) }
    private static func twice(_ signature: String) -> String { once(once(signature)) }

    @Test(arguments: [bare, slashed, plusBare, plusSlashed], ["/api/user", "/api/user/"])
    func takesEveryHabitOfClients(signature: String, path: String) throws {
        for sent in [Self.query, Self.plusQuery] {
            #expect(try accepts(Self.once(signature), query: sent, path: path))
            #expect(try accepts(Self.twice(signature), query: sent, path: path))
        }
    }

    @Test func takesAQueryThatIsSentInAnotherOrder() throws {
        let turned = Self.query.split(separator: "&").reversed().joined(separator: "&")
        #expect(try accepts(Self.once(Self.bare), query: turned))
    }

    /// Signed as sent, with escapes that the canonical form does not have (`~` escaped, lower-case digits).
    @Test func takesASortedQueryExactlyAsReceived() throws {
        let raw = "a=%7e1&b=%2a"
        let signing = RequestSigning(accessKeyID: "K", secretAccessKey: "SECRETACCESSKEYEXAMPLE")
        #expect(try accepts(Self.once(signing.signature(method: "GET", path: "/api/user", query: raw)), query: raw))
        let unsorted = "b=%2a&a=%7e1"
        #expect(
            try !accepts(
                Self.once(signing.signature(method: "GET", path: "/api/user", query: unsorted)), query: unsorted))
    }

    @Test func coversTheBody() throws {
        let signature = "qqWjXbH5IjMxzkkVBWk3wL8gNMhUsawWBqPTbBY1tI0="
        let body = #"{"username":"zhang"}"#
        let path = "/api/user/addUser"
        #expect(try accepts(Self.once(signature), query: "zone=zone1", path: path, method: "POST", body: body))
        #expect(try !accepts(Self.once(signature), query: "zone=zone1", path: path, method: "POST", body: body + " "))
        #expect(try !accepts(Self.once(signature), query: "zone=zone1", path: path, method: "GET", body: body))
    }

    @Test(arguments: [
        "zone=zone2", "limit=100", "search_word=zhang", "access_key_id=OTHER",
    ])
    func refusesAChangedParameter(pair: String) throws {
        let name = pair.prefix { $0 != "=" }
        let changed = Self.query.split(separator: "&").map { $0.hasPrefix("\(name)=") ? pair : String($0) }
        #expect(try !accepts(Self.once(Self.bare), query: changed.joined(separator: "&")))
    }

    @Test func refusesAnAddedParameter() throws {
        #expect(try !accepts(Self.once(Self.bare), query: Self.query + "&zz=1"))
    }

    @Test(arguments: [
        "", "x", "%3D", String(repeating: "A", count: 43) + "%3D", bare,
        "NfkTF5wbQy%2BH74YiQshPXr1etzyvanc8K2xqGlddnEQ",
        twice(once(bare)),
    ])
    func refusesWhatIsNotThisSignature(signature: String) throws {
        // `bare` itself holds a `+`, which is a space once it is decoded.
        #expect(try !accepts(signature, query: Self.query))
    }

    @Test func anUnknownKeyAcceptsNothing() throws {
        let request = try SignedRequest(
            method: "GET", path: "/api/user", rawQuery: Self.query + "&signature=" + Self.once(Self.bare))
        #expect(!HMACSignatures().dummyVerifier.accepts(request))
    }

    @Test func theClientSignsWhatTheServerAccepts() throws {
        let signing = RequestSigning(accessKeyID: "QYACCESSKEYIDEXAMPLE", secretAccessKey: "SECRETACCESSKEYEXAMPLE")
        let query = signing.query(
            method: "GET", path: "/api/user",
            parameters: [("zone", "zone1"), ("search_word", "张 +&=/~*%"), ("limit", "10")],
            time: Timestamp(seconds: 1_629_191_560))
        let request = try SignedRequest(method: "GET", path: "/api/user", rawQuery: query)
        #expect(judge.accepts(request))
        #expect(request["search_word"] == "张 +&=/~*%")
    }

    @Test func theClientsSignatureIsTheOtherProgramsToo() throws {
        let signing = RequestSigning(accessKeyID: "QYACCESSKEYIDEXAMPLE", secretAccessKey: "SECRETACCESSKEYEXAMPLE")
        let query = signing.query(
            method: "GET", path: "/api/user",
            parameters: [("zone", "zone1"), ("search_word", "zhang san"), ("limit", "10")],
            time: Timestamp(seconds: 1_629_191_560))
        #expect(query == Self.query + "&signature=" + Self.once(Self.bare))
    }
}
