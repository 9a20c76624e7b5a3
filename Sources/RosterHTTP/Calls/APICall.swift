import HTTPTypes
import NIOCore
import RosterModel
import RosterSnapshot

/// A call of the API: what the router, the handler and the documentation know about it.
///
/// A type conforms to `SnapshotCall` or to `StoreCall`, in a separate file, and is listed in `APIRouter.calls`.
protocol APICall: Sendable {
    /// A read is a GET with its parameters in the query. A write is a POST with its parameters as members of the body.
    static var method: HTTPRequest.Method { get }
    /// The path without a trailing slash: `/api/`, the module, and the action if there is one.
    static var path: String { get }
    /// The `action` of the response.
    static var action: String { get }
    /// Whose requests the call accepts.
    static var access: CallAccess { get }
    /// The parameters of this call, without the common ones (`CommonParameters`).
    static var parameters: [ParameterDescription] { get }
}

/// A call that is answered from the snapshot without waiting. It is answered on the event loop, unless it is large.
protocol SnapshotCall: APICall {
    /// Whether producing the response may take too long for the other clients of an event loop. The request is not
    /// authenticated yet.
    func isLarge(_ parameters: CallParameters, in snapshot: Snapshot) -> Bool

    /// Writes the members that follow `action` and `ret_code`.
    /// - Throws: `invalidParameter` for a malformed parameter, then the errors of the snapshot's query.
    func write(_ request: AuthenticatedRequest, to json: inout JSONWriter) throws(RosterError)
}

/// A call that waits for the store: it reads rows that are not in a snapshot, or it changes the directory.
protocol StoreCall: APICall {
    associatedtype Outcome: Sendable

    /// - Throws: `invalidParameter` for a malformed parameter, then the errors of the query or command; `busy` if the
    ///   store cannot be reached.
    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> Outcome

    /// Writes the members that follow `action` and `ret_code`.
    func write(_ outcome: Outcome, to json: inout JSONWriter)
}

extension APICall {
    var action: String { Self.action }
    var isRead: Bool { Self.method == .get }
}

extension SnapshotCall {
    func isLarge(_ parameters: CallParameters, in snapshot: Snapshot) -> Bool { false }

    /// The complete body of the response.
    func body(for request: AuthenticatedRequest) throws(RosterError) -> ByteBuffer {
        var json = JSONWriter(capacity: 8192)
        try json.object { json throws(RosterError) in
            json.writeSuccess(of: Self.action)
            try write(request, to: &json)
        }
        return json.buffer
    }
}

extension StoreCall {
    /// Performs the call.
    /// - Returns: the complete body of the response.
    func body(for request: AuthenticatedRequest) async throws(RosterError) -> ByteBuffer {
        let outcome = try await perform(request)
        var json = JSONWriter()
        json.object { json in
            json.writeSuccess(of: Self.action)
            write(outcome, to: &json)
        }
        return json.buffer
    }
}

extension StoreCall where Outcome == JobID {
    func write(_ job: JobID, to json: inout JSONWriter) {
        json.key("job_id")
        json.string(job.text)
    }
}

extension JSONWriter {
    /// The first members of the response to a successful call.
    fileprivate mutating func writeSuccess(of action: String) {
        key("action")
        string(action)
        key("ret_code")
        number(0)
    }
}

/// Whose requests a call accepts. `Authorization` enforces it; this only describes it.
enum CallAccess: Sendable, Equatable {
    /// Every key. The response is limited to the scope of the key.
    case everyKey
    /// Every key but a reader's.
    case everyAccount
    /// Every key that sees all rows of the cluster.
    case wholeCluster
    /// Every key whose account is the user itself or administers the cluster.
    case ownUserOrClusterAdministrator
    /// A key whose account administers the cluster.
    case clusterAdministrator
    /// An operator key, or the key of an account that administers everything.
    case globalAdministrator
}

/// A parameter of a call, as the documentation describes it.
struct ParameterDescription: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// UTF-8 of at most `maximumBytes` bytes; nil is no separate limit.
        case text(maximumBytes: Int?)
        /// The name of a POSIX user or group.
        case username
        /// Three or four octal digits.
        case fileMode
        /// A decimal integer.
        case integer(ClosedRange<Int>)
        /// A uid or gid: a decimal integer from 0 to 4294967295, as a string in a body.
        case posixNumber
        /// `0` or `1`.
        case flag
        case choice([String])
        /// A time in UTC of the form `YYYY-MM-DDThh:mm:ssZ`.
        case time
        case clusterID
        case accountID
        /// Words separated by commas or spaces.
        case words(maximum: Int)
        /// The name of an entry below its cluster's base (RFC 4514).
        case place
        /// A JSON list of objects, each a new user.
        case users(maximum: Int)
        /// A JSON list of strings.
        case names(maximum: Int)
        /// A JSON object of attributes by their LDAP names, each with a string, a list of strings, or null.
        case attributes
    }

    let name: String
    let kind: Kind
    let isRequired: Bool
    /// One sentence.
    let meaning: String

    init(_ name: String, _ kind: Kind, isRequired: Bool = false, meaning: String) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.meaning = meaning
    }
}

extension [ParameterDescription] {
    /// The parameters of a page of a list (`PageParameters`).
    static let page = [
        ParameterDescription("limit", .integer(0...Int.max), meaning: "The most elements of the page."),
        ParameterDescription("offset", .integer(0...Int.max), meaning: "How many elements precede the page."),
        ParameterDescription("reverse", .flag, meaning: "1 reverses the order of the list."),
    ]

    /// The search word of a list (`CallParameters.searchWord`).
    static let searchWord = [
        ParameterDescription(
            "search_word", .text(maximumBytes: 256), meaning: "A part of a name, without regard to case.")
    ]
}
