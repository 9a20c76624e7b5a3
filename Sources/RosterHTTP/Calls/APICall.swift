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
    /// What the call does, in one sentence.
    static var summary: String { get }
    /// Whether the vendor's API has the call; false for an addition to it.
    static var isVendors: Bool { get }
    /// The members of the response to a successful call, without `action` and `ret_code`.
    static var answer: [AnswerMember] { get }
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
    static var isVendors: Bool { false }

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
    static var answer: [AnswerMember] { .job }

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
        /// The name of a zone: printable ASCII without spaces.
        case zone
        /// The name of a POSIX user or group.
        case username
        /// Three or four octal digits.
        case fileMode
        /// A decimal integer.
        case integer(ClosedRange<Int>)
        /// A uid or gid: a number of `User.posixNumbers`, as a string or a number in a body.
        case posixNumber
        /// `0` or `1`.
        case flag
        case choice([String])
        /// A time in UTC of the form `YYYY-MM-DDThh:mm:ssZ`.
        case time
        case clusterID
        case accountID
        case userID
        /// Identifiers of jobs, separated by commas or spaces.
        case jobIDs(maximum: Int)
        /// UTF-8 of at most 256 bytes without control characters.
        case searchWord
        /// An absolute path of at most 1,024 bytes; empty is none.
        case path
        /// A head of the operation log: a number, a colon and hexadecimal digits.
        case chainHead
        /// Words separated by commas or spaces.
        case words(maximum: Int)
        /// The name of an entry below its cluster's base (RFC 4514).
        case place
        /// A JSON list of objects with these members and no others.
        case objects(maximum: Int, [ParameterDescription])
        /// A JSON list of strings.
        case names(maximum: Int, maximumBytes: Int = 256)
        /// A JSON object of attributes by their LDAP names, each with a string, a list of strings, or null.
        case attributes
    }

    /// What clears a field, beside the values of the kind.
    enum Clearing: Sendable, Equatable {
        case emptyText
        case null
    }

    let name: String
    let kind: Kind
    let isRequired: Bool
    /// What clears the field; nil if nothing does, or if the kind has an empty value.
    let clearing: Clearing?
    /// What an absent parameter stands for, as the query writes it; nil if that depends.
    let defaultText: String?
    /// A value, as the query writes it; nil for an optional parameter that most requests omit.
    let example: String?
    /// One sentence, or a few.
    let meaning: String

    init(
        _ name: String, _ kind: Kind, isRequired: Bool = false, clearing: Clearing? = nil, default: String? = nil,
        example: String? = nil, meaning: String
    ) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.clearing = clearing
        defaultText = `default`
        self.example = example
        self.meaning = meaning
    }

    /// The cluster of a read that is about one.
    static let clusterOfRead = ParameterDescription(
        "cluster_id", .clusterID, isRequired: true, example: "hpc-qig9xu97", meaning: "The cluster.")

    /// The zone of a read.
    static let zone = ParameterDescription("zone", .zone, isRequired: true, example: "zone1", meaning: "The zone.")
}

extension [ParameterDescription] {
    /// The parameters of a page of a list (`PageParameters`).
    static let page = [
        ParameterDescription(
            "limit", .integer(0...Int.max), default: String(UserQuery.defaultLimit), example: "10",
            meaning: "The most elements of the page; more than \(UserQuery.maximumLimit) count as "
                + "\(UserQuery.maximumLimit), and 0 returns the total only."),
        ParameterDescription(
            "offset", .integer(0...Int.max), default: "0", example: "0",
            meaning: "How many elements precede the page."),
        ParameterDescription(
            "reverse", .flag, default: "0", meaning: "1 reverses the whole order of the list, ties included."),
    ]

    /// The search word of a list (`CallParameters.searchWord`).
    static let searchWord = [
        ParameterDescription(
            "search_word", .searchWord, meaning: "A part of a name, without regard to case.")
    ]
}
