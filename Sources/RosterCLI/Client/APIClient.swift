import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import RosterCredentials
import RosterModel
import Synchronization

/// Calls the API of a server; it signs requests like any other client.
struct APIClient {
    /// One for all requests of a command, so that its pages share a connection.
    let http: HTTPClient
    let endpoint: String
    let zone: String
    /// The cluster that the settings name, for commands that are given none.
    var defaultCluster: String?
    let signing: RequestSigning
    /// How long an answer may take.
    var timeLimit = TimeAmount.seconds(30)

    /// A signed URL for a GET of `path`.
    func url(path: String, parameters: [(name: String, value: String)]) -> String {
        let query = signing.query(
            method: "GET", path: path, parameters: parameters + [("zone", zone)], time: .now)
        return "\(endpoint)\(path)?\(query)"
    }

    /// The body of the response to a GET.
    /// - Throws: as `send`.
    func get(path: String, parameters: [(name: String, value: String)]) async throws -> [UInt8] {
        try await send(HTTPClientRequest(url: url(path: path, parameters: parameters)))
    }

    /// The body of the response to a POST of a JSON object.
    /// - Parameter body: the members besides the zone.
    /// - Throws: as `send`.
    func post(path: String, body: RequestBody) async throws -> [UInt8] {
        let body = try body.json(zone: zone)
        // Two equal commands in the same second are two commands; without the nonce, the second would count as a
        // repetition.
        let nonce = String(UInt64.random(in: 0 ... .max), radix: 36)
        let query = signing.query(
            method: "POST", path: path, parameters: [("nonce", nonce), ("zone", zone)], body: body,
            time: .now)
        var request = HTTPClientRequest(url: "\(endpoint)\(path)?\(query)")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(body)
        return try await send(request)
    }

    /// - Throws: `CommandError` if the server cannot be reached or responds with a status other than 200.
    private func send(_ request: HTTPClientRequest) async throws -> [UInt8] {
        let outcome: Result<(HTTPResponseStatus, ByteBuffer), any Error>
        do {
            let response = try await http.execute(request, timeout: timeLimit)
            outcome = .success((response.status, try await response.body.collect(upTo: 64 << 20)))
        } catch {
            outcome = .failure(error)
        }
        switch outcome {
        case .failure(let error): throw CommandError("cannot reach \(endpoint): \(Self.reason(error))")
        case .success((.ok, let body)): return Array(body.readableBytesView)
        case .success((let status, let body)):
            let failure = try? JSONDecoder().decode(ResponseEnvelope.self, from: Data(body.readableBytesView))
            let message = failure?.message?.sanitizedForDisplay(limit: 500) ?? "is it a Roster server?"
            throw CommandError("\(endpoint) answers with status \(status.code): \(message)")
        }
    }

    /// A client that ends with the process.
    /// - Parameter tls: how to encrypt connections; nil trusts the machine's authorities.
    static func http(_ tls: TLSConfiguration?) -> HTTPClient {
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, timeout: .init(connect: .seconds(5)))
        // An administrator waits for the answer: a port without a listener is reported at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(configuration: configuration)
        // A client that nobody holds any more must have been shut down before.
        endingWithProcess.withLock { $0.append(client) }
        return client
    }

    private static let endingWithProcess = Mutex<[HTTPClient]>([])

    /// The library's error in the words of an administrator.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout: return "no connection within 5 s"
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
            return "no answer within 30 s"
        case let error as HTTPClientError where error == .remoteConnectionClosed: return "it closed the connection"
        case let error as NIOConnectionError:
            if error.dnsAError != nil, error.connectionErrors.isEmpty { return "its name is not known" }
            return error.connectionErrors.first.map { reason($0.error) } ?? "no connection"
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return "its certificate is for another name than that of the address"
        case let error as NIOSSLError: return tlsReason(String(describing: error))
        case let error as BoringSSLError: return tlsReason(String(describing: error))
        case is HTTPParserError: return "what answers there does not speak HTTP"
        default: return String(describing: error).sanitizedForDisplay(limit: 120)
        }
    }

    /// What the TLS library says, as a sentence: its own words are codes.
    static func tlsReason(_ text: String) -> String {
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return
                "its certificate has expired, or no authority that is trusted here has signed it; name the authority's "
                + "certificate with --ca-certificate or SSL_CERT_FILE"
        }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") || text.contains("UNKNOWN_PROTOCOL") {
            return "what answers there does not speak TLS; does the address begin with http:// instead?"
        }
        if text.contains("uncleanShutdown") { return "it closed the connection" }
        return "the encrypted connection failed: \(text.sanitizedForDisplay(limit: 120))"
    }
}

/// The members of a command's body. Its descriptions show nothing of it, because it may contain a password.
struct RequestBody: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Texts; nil is null.
    var members: [String: String?]
    /// Lists of names.
    var lists: [String: [String]] = [:]
    /// Objects of attributes and their values.
    var attributes: [String: [String: [String]]] = [:]
    /// Lists of objects.
    var objects: [String: [RequestBody]] = [:]

    init(_ members: [String: String?] = [:]) {
        self.members = members
    }

    var isEmpty: Bool { members.isEmpty && lists.isEmpty && attributes.isEmpty && objects.isEmpty }

    var description: String { "(body of a command)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }

    fileprivate func json(zone: String) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var values = values
        values["zone"] = values["zone"] ?? .text(zone)
        return Array(try encoder.encode(values))
    }

    private var values: [String: Value] {
        var values = members.mapValues(Value.text)
        values.merge(lists.mapValues(Value.names)) { _, list in list }
        values.merge(attributes.mapValues(Value.attributes)) { _, attributes in attributes }
        values.merge(objects.mapValues { .objects($0.map(\.values)) }) { _, objects in objects }
        return values
    }

    private enum Value: Encodable {
        case text(String?)
        case names([String])
        case attributes([String: [String]])
        case objects([[String: Value]])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .names(let names): try container.encode(names)
            case .attributes(let attributes): try container.encode(attributes)
            case .objects(let objects): try container.encode(objects)
            }
        }
    }
}
