import Logging
import NIOCore
import RosterDirectory
import RosterModel
import RosterServing
import RosterSnapshot

/// The state of one connection's client: its identity, and its open paged searches.
///
/// It has no access to a socket. A request goes in, and the action to take comes out; immediate responses are in the
/// writer by then.
struct Session {
    /// What to do about a request.
    enum Action {
        /// The response is written, or there is none.
        case done
        /// Run the search.
        case search(RunningSearch)
        /// Verify a password, then call `finishBind`.
        case verifyPassword(PasswordBind)
        /// Execute the command, then call `finishPasswordModify`.
        case modifyPassword(PasswordChange)
        /// Send what is in the writer, then start encryption.
        case startTLS
        case close
        /// Send what is in the writer, then close.
        case closeAfterResponse
    }

    /// A user's bind whose password is to be verified off the event loop.
    struct PasswordBind {
        let id: Int32
        let name: String
        let password: String
        /// Nil if there is no such user.
        let user: HPCUserID?
        /// The proof that a right password gives; nil if no such user exists or it cannot log in, in which case
        /// verification never succeeds.
        let proof: PasswordAuthentication?
        /// Why the user cannot log in whatever the password is; nil if it can.
        let obstacle: LoginObstacle?
    }

    /// What all connections share.
    struct Server: Sendable {
        let directory: Directory
        let hashing: any PasswordHashing
        let administration: UserCommandHandler
        let failures: FailureCounter
        let refusals: RefusalLog
        let logins: LoginRegister
        /// How often one bound identity may request password changes.
        let changes: RateLimiter<String>
        /// The memory for sorted searches, held until their last pages are taken.
        let sortBudget: ByteBudget
        let settings: LDAPServerConfiguration
        /// The hash against which passwords of unknown users are verified, so that the time does not reveal that they
        /// do not exist.
        let dummyHash: PasswordHash?
        let logger: Logger
    }

    let server: Server
    /// The client's address without its port.
    let address: String
    let isLoopback: Bool
    /// How the operation log names the client.
    var origin: String { "ldap:\(address)" }
    var isEncrypted: Bool
    var identity = Identity.anonymous
    /// Whether the bound user changed its password since the bind. It may go on reading, but must bind again to change
    /// another password.
    var hasChangedPassword = false
    var pages: [(cookie: UInt64, search: EntrySearch, expiry: NIODeadline)] = []
    private var lastCookie: UInt64 = 0
    /// The base of the previous search, and its place: a client repeatedly searches below the same base.
    private var lastBase: (text: ArraySlice<UInt8>, place: DirectoryInformationTree.DITNode)?
    private var cache = EntrySearch.SearchCache()

    init(server: Server, address: String, isEncrypted: Bool) {
        self.server = server
        self.address = address
        self.isEncrypted = isEncrypted
        let parsed = IPAddress(address)
        isLoopback = parsed?.isLoopback ?? false
    }

    // MARK: Requests

    mutating func handle(_ message: LDAPMessage, writer: inout ResponseWriter) -> Action {
        let id = message.id
        let known = message.request.knownControls
        if let critical = message.controls.first(where: { $0.isCritical && !known.contains($0.type) }),
            let tag = message.request.responseTag
        {
            writer.result(
                id: id, tag, .unavailableCriticalExtension,
                message: "the control \(critical.type.sanitizedForDisplay(limit: 64)) is not known")
            return .done
        }
        switch message.request {
        case .bind(let bind): return handle(bind, id: id, writer: &writer)
        case .unbind: return .close
        case .search(let search):
            return respond(to: id, as: .search, writer: &writer) { session, writer throws(LDAPOperationError) in
                try session.handle(search, id: id, controls: message.controls, writer: &writer)
            }
        case .compare(let compare):
            return respond(to: id, as: .compare, writer: &writer) { session, writer throws(LDAPOperationError) in
                let truth = try session.compare(compare)
                writer.result(id: id, .compare, truth == .yes ? .compareTrue : .compareFalse)
                return .done
            }
        case .abandon: return .done
        case .extended(let request):
            return respond(to: id, as: .extended, writer: &writer) { session, writer throws(LDAPOperationError) in
                try session.handle(request, id: id, writer: &writer)
            }
        case .write(let tag):
            writer.result(
                id: id, tag, .unwillingToPerform,
                message: "nothing is changed over LDAP; use the HTTP API or the command 'roster'")
            return .done
        case .unreadable(let tag, let fault):
            // A failed bind leaves the connection anonymous, whatever the error is.
            if tag == .bind {
                becomeAnonymous()
                logRefusedBind(id: id, name: nil, reason: fault.reason)
            }
            if let tag { writer.result(id: id, tag, .protocolError, message: fault.reason) }
            return .done
        case .unknown:
            writer.disconnection(.protocolError, "no such request")
            return .closeAfterResponse
        }
    }

    /// Runs `body`; if it throws, responds with the error.
    private mutating func respond(
        to id: Int32, as tag: Request.ResponseTag, writer: inout ResponseWriter,
        _ body: (inout Session, inout ResponseWriter) throws(LDAPOperationError) -> Action
    ) -> Action {
        do throws(LDAPOperationError) {
            return try body(&self, &writer)
        } catch {
            writer.result(id: id, tag, error.code, matched: error.matched, message: error.message)
            return .done
        }
    }

    // MARK: Searching

    private mutating func handle(
        _ request: SearchRequest, id: Int32, controls: [Control], writer: inout ResponseWriter
    ) throws(LDAPOperationError) -> Action {
        // Each retains the snapshot that it began on.
        pages.removeAll { $0.expiry <= .now() }
        var paged = try Self.value(PagedResults.type, of: controls) { value throws(BERError) in try PagedResults(value)
        }
        // If the page is not smaller than the requested total, there is only one page (RFC 2696 section 3).
        if let page = paged, page.cookie.isEmpty, request.sizeLimit > 0, page.size >= request.sizeLimit { paged = nil }
        let snapshot = server.directory.snapshot
        let (sort, sortResult) = try Self.sort(controls, catalog: snapshot.attributes)
        if let sortResult, sortResult.code != .success,
            controls.contains(where: { $0.type == SortKeyList.type && $0.isCritical })
        {
            writer.result(
                id: id, .search, .unavailableCriticalExtension, message: "it cannot be sorted so", sort: sortResult)
            return .done
        }
        let wantsSubentries = try Self.value(Control.subentries, of: controls, read: Self.boolean) ?? false
        let wanted = wantsSubentries ? request.and(.equality(.init("objectClass", "subentry"))) : request
        let search: EntrySearch
        if let paged, !paged.cookie.isEmpty {
            let number = paged.cookie.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard paged.cookie.count == 8, let place = pages.firstIndex(where: { $0.cookie == number }) else {
                throw LDAPOperationError(.unwillingToPerform, "the cookie is not, or no longer, one of this connection")
            }
            search = pages.remove(at: place).search
            if paged.size == 0 {
                // The client abandons the search.
                writer.result(id: id, .search, .success, page: PagedResults(size: 0))
                return .done
            }
            // A key that was revoked meanwhile gets no further page.
            _ = try scope(in: snapshot)
        } else {
            let parts = request.filter.nodeCount
            guard parts <= server.settings.maximumFilterParts else {
                throw LDAPOperationError(
                    .adminLimitExceeded,
                    "the filter has \(parts) parts, of which \(server.settings.maximumFilterParts) are allowed")
            }
            let place = try place(of: request.base)
            let isOpen = place == .root && request.scope == .base || place == .subschema
            let scope = isOpen ? Scope.clusters([:]) : try scope(in: snapshot)
            let view = EntrySearch.View(
                scope: scope, now: server.directory.now, offersTLS: server.settings.tls != nil && !isEncrypted)
            search = try EntrySearch(
                wanted, at: place, in: server.settings.tree, snapshot: snapshot, view: view,
                sizeLimit: server.settings.sizeLimit,
                sorting: sort.map { .init(sort: $0, budget: server.sortBudget) }, sortResult: sortResult, cache: &cache)
        }
        let asked = TimeAmount.seconds(Int64(request.timeLimit))
        let limit = request.timeLimit > 0 ? min(asked, server.settings.timeLimit) : server.settings.timeLimit
        return .search(
            RunningSearch(
                id: id, search: search, deadline: .now() + limit, pageSize: paged.map { max($0.size, 1) }))
    }

    /// The parsed value of the control of that type; nil if the request has none.
    private static func value<Value>(
        _ type: String, of controls: [Control], read: (ArraySlice<UInt8>?) throws(BERError) -> Value
    ) throws(LDAPOperationError) -> Value? {
        guard let control = controls.first(where: { $0.type == type }) else { return nil }
        do throws(BERError) {
            return try read(control.value)
        } catch {
            throw LDAPOperationError(.protocolError, error.reason)
        }
    }

    /// Parses a value that is one BOOLEAN.
    private static func boolean(_ value: ArraySlice<UInt8>?) throws(BERError) -> Bool {
        var values = try BERReader(value ?? [])
        let element = try values.next()
        guard element.tag == 0x01, values.isAtEnd else { throw BERError(.malformed, "a boolean was expected") }
        return try element.boolean()
    }

    private static func sort(
        _ controls: [Control], catalog: AttributeCatalog
    ) throws(LDAPOperationError) -> (EntrySort?, SortResult?) {
        let list = try value(SortKeyList.type, of: controls) { value throws(BERError) in try SortKeyList(value) }
        guard let list else { return (nil, nil) }
        do throws(SortError) {
            return (try EntrySort(list, catalog: catalog), SortResult(.success))
        } catch {
            return (nil, error.result)
        }
    }

    /// Retains the rest of a paged search.
    /// - Returns: the cookie with which the client requests the next page.
    mutating func retain(_ search: EntrySearch) -> PagedResults {
        if pages.count >= server.settings.maximumPagedSearches, !pages.isEmpty { pages.removeFirst() }
        lastCookie += 1
        pages.append((lastCookie, search, .now() + server.settings.pagedSearchTime))
        return PagedResults(
            size: 0, cookie: (0..<8).reversed().map { UInt8(truncatingIfNeeded: lastCookie >> ($0 * 8)) })
    }

    private mutating func place(of base: ArraySlice<UInt8>) throws(LDAPOperationError)
        -> DirectoryInformationTree.DITNode
    {
        if let lastBase, lastBase.text == base { return lastBase.place }
        guard let place = server.settings.tree.place(of: base) else {
            throw LDAPOperationError(.invalidDNSyntax, "the base is malformed")
        }
        // Copied, so as not to retain the message that it came in.
        lastBase = (Array(base)[...], place)
        return place
    }

    func scope(in snapshot: Snapshot) throws(LDAPOperationError) -> Scope {
        guard server.directory.isReady else { throw LDAPOperationError(.unavailable, "the directory is being loaded") }
        return try identity.scope(
            in: snapshot, now: server.directory.now, anonymous: server.settings.anonymousScope)
    }

}

/// A search in progress.
struct RunningSearch {
    let id: Int32
    var search: EntrySearch
    let deadline: NIODeadline
    /// The size of a page; nil for a search without pages.
    let pageSize: Int?
    /// How many more entries the page may contain.
    var remainingPageSize: Int

    init(id: Int32, search: EntrySearch, deadline: NIODeadline, pageSize: Int?) {
        self.id = id
        self.search = search
        self.deadline = deadline
        self.pageSize = pageSize
        remainingPageSize = pageSize ?? .max
    }
}

extension Request {
    /// The types of the controls that the server supports for the request.
    fileprivate var knownControls: [String] {
        switch self {
        case .search: Self.controlsOfSearches
        case .compare, .write: [Control.manageDsaIT]
        default: []
        }
    }

    static let controlsOfSearches = [
        PagedResults.type, SortKeyList.type, Control.manageDsaIT, Control.subentries, Control.domainScope,
    ]

    /// The response that ends the operation; nil if there is none.
    var responseTag: ResponseTag? {
        switch self {
        case .bind: .bind
        case .search: .search
        case .compare: .compare
        case .extended: .extended
        case .write(let tag): tag
        case .unreadable(let tag, _): tag
        case .unbind, .abandon, .unknown: nil
        }
    }
}
