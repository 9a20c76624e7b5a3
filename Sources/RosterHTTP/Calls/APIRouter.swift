import HTTPTypes
import RosterDirectory
import RosterModel
import RosterServing

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

    /// Every call of the API. A new call is added to this list. The first is the most frequent one.
    static let makers = [
        CallMaker.snapshot { ListUsers(setName: $0.setName, logins: $0.logins) },
        .snapshot { DescribeUser(logins: $0.logins) },
        .store { CheckUser(checker: $0.checker, failures: $0.failures, logins: $0.logins) },
        .store { AddUser(handler: $0.users) },
        .store { ModifyUser(handler: $0.users) },
        .store { DeleteUser(handler: $0.users) },
        .store { RestoreUser(handler: UserRestorationHandler(directory: $0.directory)) },
        .store { AddUsers(handler: $0.batches, directory: $0.directory) },
        .store { ModifyUsers(handler: $0.batches, directory: $0.directory) },
        .store { DeleteUsers(handler: $0.batches, directory: $0.directory) },
        .store { UIDHistory(directory: $0.directory) },
        .snapshot { _ in ListClusters() },
        .store { CreateCluster(handler: $0.clusters) },
        .store { ModifyCluster(handler: $0.clusters) },
        .snapshot { _ in ListGroups() },
        .snapshot { _ in DescribeGroup() },
        .snapshot { _ in ListGroupsOfUser() },
        .store { CreateGroup(handler: $0.groups) },
        .store { ModifyGroup(handler: $0.groups) },
        .store { DeleteGroup(handler: $0.groups) },
        .snapshot { _ in ListMapEntries() },
        .snapshot { _ in DescribeMapEntry() },
        .store { PutMapEntry(handler: $0.maps) },
        .store { RemoveMapEntry(handler: $0.maps) },
        .snapshot { _ in ListAttributes() },
        .store { DeclareAttribute(handler: $0.attributes) },
        .store { RemoveAttribute(handler: $0.attributes) },
        .store { ListOperations(directory: $0.directory) },
        .store { ExportOperations(directory: $0.directory) },
        .store { VerifyOperations(directory: $0.directory) },
    ]

    /// The calls of `makers`, in their order.
    let calls: [Call]
    private let callsByPath: [String: Call]
    /// The first component of each path after `/api/`.
    private let modules: Set<Substring>
    /// The most frequent call.
    private let listUsers: Call

    init(
        directory: Directory, hashing: any PasswordHashing, homes: HomeProvisioner? = nil,
        failures: FailureCounter = FailureCounter(), logins: LoginRegister? = nil, setName: UserSetName
    ) {
        let parts = CallMaker.Parts(
            users: UserCommandHandler(directory: directory, hashing: hashing, homes: homes),
            batches: UserBatchHandler(directory: directory, hashing: hashing, homes: homes),
            clusters: ClusterCommandHandler(directory: directory), groups: GroupCommandHandler(directory: directory),
            maps: MapCommandHandler(directory: directory), attributes: AttributeCommandHandler(directory: directory),
            checker: LoginChecker(directory: directory, hashing: hashing, homes: homes), failures: failures,
            logins: logins ?? LoginRegister(directory: directory), directory: directory, setName: setName)
        calls = Self.makers.map { $0.make(parts) }
        listUsers = calls[0]
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

/// The type of a call, and how it is made from the parts of a server.
struct CallMaker: Sendable {
    /// What calls are made from.
    struct Parts {
        let users: UserCommandHandler
        let batches: UserBatchHandler
        let clusters: ClusterCommandHandler
        let groups: GroupCommandHandler
        let maps: MapCommandHandler
        let attributes: AttributeCommandHandler
        let checker: LoginChecker
        let failures: FailureCounter
        let logins: LoginRegister
        let directory: Directory
        let setName: UserSetName
    }

    let type: any APICall.Type
    let make: @Sendable (Parts) -> APIRouter.Call

    static func snapshot<Call: SnapshotCall>(_ make: @escaping @Sendable (Parts) -> Call) -> CallMaker {
        CallMaker(type: Call.self) { .snapshot(make($0)) }
    }

    static func store<Call: StoreCall>(_ make: @escaping @Sendable (Parts) -> Call) -> CallMaker {
        CallMaker(type: Call.self) { .store(make($0)) }
    }
}
