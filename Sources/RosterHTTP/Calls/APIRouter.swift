import HTTPTypes
import RosterDirectory
import RosterModel

/// Finds the call for a request by path and method.
struct APIRouter {
    enum Call {
        case snapshot(any SnapshotCall)
        case store(any StoreCall)

        /// The `action` of the response.
        var action: String {
            switch self {
            case .snapshot(let call): call.action
            case .store(let call): call.action
            }
        }

        /// Whether the call is a GET, which names its zone in the query.
        var isRead: Bool { method == .get }

        /// Whether the call is answered without waiting.
        var isAnsweredAtOnce: Bool {
            switch self {
            case .snapshot: true
            case .store: false
            }
        }

        var method: HTTPRequest.Method { description.method }
        var path: String { description.path }

        /// The declarations of the call.
        var description: any APICall.Type {
            switch self {
            case .snapshot(let call): type(of: call)
            case .store(let call): type(of: call)
            }
        }
    }

    /// What the server does with a request.
    enum Route {
        case call(Call)
        case plain(PlainRoute)
        /// No call has this path and method. `action` is that of the response.
        case refused(RosterError, action: String)
    }

    /// Every call of the API. A new call is added to this list.
    let calls: [Call]
    private let callsByPath: [String: Call]
    /// The first component of each path after `/api/`.
    private let modules: Set<Substring>
    /// The most frequent call.
    private let listUsers: Call

    init(
        directory: Directory, hashing: any PasswordHashing, chaining: any EventChaining, homes: HomeProvisioner? = nil,
        setName: UserSetName
    ) {
        let users = UserCommandHandler(directory: directory, hashing: hashing, homes: homes)
        let batches = UserBatchHandler(directory: directory, hashing: hashing, homes: homes)
        let clusters = ClusterCommandHandler(directory: directory)
        let groups = GroupCommandHandler(directory: directory)
        let maps = MapCommandHandler(directory: directory)
        let attributes = AttributeCommandHandler(directory: directory)
        listUsers = .snapshot(ListUsers(setName: setName))
        calls = [
            listUsers,
            .snapshot(DescribeUser()),
            .store(AddUser(handler: users)),
            .store(ModifyUser(handler: users)),
            .store(DeleteUser(handler: users)),
            .store(AddUsers(handler: batches, directory: directory)),
            .store(ModifyUsers(handler: batches, directory: directory)),
            .store(DeleteUsers(handler: batches, directory: directory)),
            .store(UIDHistory(directory: directory)),
            .snapshot(ListClusters()),
            .store(CreateCluster(handler: clusters)),
            .store(ModifyCluster(handler: clusters)),
            .snapshot(ListGroups()),
            .store(CreateGroup(handler: groups)),
            .store(ModifyGroup(handler: groups)),
            .store(DeleteGroup(handler: groups)),
            .snapshot(ListMapEntries()),
            .snapshot(DescribeMapEntry()),
            .store(PutMapEntry(handler: maps)),
            .store(RemoveMapEntry(handler: maps)),
            .snapshot(ListAttributes()),
            .store(DeclareAttribute(handler: attributes)),
            .store(RemoveAttribute(handler: attributes)),
            .store(ListOperations(directory: directory)),
            .store(VerifyOperations(directory: directory, chaining: chaining)),
        ]
        callsByPath = Dictionary(calls.map { ($0.path, $0) }) { first, _ in first }
        modules = Set(calls.map { $0.path.split(separator: "/")[1] })
        assert(callsByPath.count == calls.count, "each path has one call")
    }

    /// - Parameter path: as received. One trailing slash is ignored. A path with a doubled slash or a percent escape
    ///   matches no call.
    func route(_ method: HTTPRequest.Method, path: Substring) -> Route {
        if path == "/api/user" { return check(listUsers, method) }
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count > 2, parts.last == "" { parts.removeLast() }
        guard parts.count >= 3, parts[0] == "", parts[1] == "api", modules.contains(parts[2]), !path.contains("%"),
            !parts.dropFirst().contains("")
        else { return Self.plainRoute(method, path) ?? Self.unknownModule }
        guard let call = callsByPath[parts.joined(separator: "/")] else { return Self.unknownAction(module: parts[2]) }
        return check(call, method)
    }

    private static func plainRoute(_ method: HTTPRequest.Method, _ path: Substring) -> Route? {
        let path = path.hasSuffix("/") ? path.dropLast() : path
        return PlainRoute.all.first { $0.path == path && $0.methods.contains(method) }.map(Route.plain)
    }

    private func check(_ call: Call, _ method: HTTPRequest.Method) -> Route {
        guard method == call.method else {
            return .refused(
                RosterError(.unknownAction, .parameter("method"), "this is asked with \(call.method.rawValue)"),
                action: call.action)
        }
        return .call(call)
    }

    private static func unknownAction(module: Substring) -> Route {
        .refused(
            RosterError(.unknownAction, .parameter("action"), "there is no such action"),
            action: "Hpc\(module.prefix(1).uppercased())\(module.dropFirst())Response")
    }

    private static let unknownModule = Route.refused(
        RosterError(.unknownModule, .parameter("path"), "there is no such API module"), action: "HpcResponse")
}
