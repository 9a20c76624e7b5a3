import HTTPTypes
import RosterDirectory
import RosterModel

/// Which call of the API a path and a method name.
struct APIRouter {
    let listUsers: ListUsers
    let listOperations: ListOperations
    let verifyOperations: VerifyOperations
    let uidHistory: UIDHistory
    let users: UserCommandHandler
    let clusters: ClusterCommandHandler
    let groups: GroupCommandHandler

    init(
        directory: Directory, hashing: any PasswordHashing, chaining: any EventChaining, homes: HomeProvisioner? = nil,
        setName: UserSetName
    ) {
        listUsers = ListUsers(setName: setName)
        listOperations = ListOperations(directory: directory)
        verifyOperations = VerifyOperations(directory: directory, chaining: chaining)
        uidHistory = UIDHistory(directory: directory)
        users = UserCommandHandler(directory: directory, hashing: hashing, homes: homes)
        clusters = ClusterCommandHandler(directory: directory)
        groups = GroupCommandHandler(directory: directory)
    }

    /// What is done with a request under `/api/`.
    enum Route {
        case call(Call)
        /// Not an API call, or not one that there is. `action` names the answer.
        case refused(RosterError, action: String)
    }

    enum Call {
        case listUsers(ListUsers)
        case listClusters(ListClusters)
        case listGroups(ListGroups)
        case listOperations(ListOperations)
        case verifyOperations(VerifyOperations)
        case uidHistory(UIDHistory)
        case orderUser(OrderUser)
        case orderCluster(OrderCluster)
        case orderGroup(OrderGroup)

        /// The answer's `action`.
        var action: String {
            switch self {
            case .listUsers: ListUsers.action
            case .listClusters: ListClusters.action
            case .listGroups: ListGroups.action
            case .listOperations: ListOperations.action
            case .verifyOperations: VerifyOperations.action
            case .uidHistory: UIDHistory.action
            case .orderUser(let order): order.call.action
            case .orderCluster(let order): order.call.action
            case .orderGroup(let order): order.call.action
            }
        }

        /// Whether the answer is in memory, so that nothing is waited for.
        var isAnsweredAtOnce: Bool {
            switch self {
            case .listUsers, .listClusters, .listGroups: true
            case .listOperations, .verifyOperations, .uidHistory, .orderUser, .orderCluster, .orderGroup: false
            }
        }

        /// Whether the call is asked with GET, and its zone stands in the query.
        var isRead: Bool {
            switch self {
            case .listUsers, .listClusters, .listGroups, .listOperations, .verifyOperations, .uidHistory: true
            case .orderUser, .orderCluster, .orderGroup: false
            }
        }
    }

    /// - Parameter path: as received. One trailing slash is passed over; a doubled or escaped one is part of no path that
    ///   there is.
    func route(_ method: HTTPRequest.Method, path: Substring) -> Route {
        // What is asked most.
        if path == "/api/user" { return asked(.listUsers(listUsers), with: .get, method) }
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count > 2, parts.last == "" { parts.removeLast() }
        guard parts.count >= 3, parts[0] == "", parts[1] == "api", !parts.contains(where: { $0.contains("%") }),
            !parts.dropFirst().contains("")
        else { return Self.unknownModule }
        let action = parts.dropFirst(3).joined(separator: "/")
        switch (parts[2], action) {
        case ("user", ""): return asked(.listUsers(listUsers), with: .get, method)
        case ("cluster", "list"): return asked(.listClusters(ListClusters()), with: .get, method)
        case ("group", ""): return asked(.listGroups(ListGroups()), with: .get, method)
        case ("operation", ""): return asked(.listOperations(listOperations), with: .get, method)
        case ("operation", "verify"): return asked(.verifyOperations(verifyOperations), with: .get, method)
        case ("user", "uidHistory"): return asked(.uidHistory(uidHistory), with: .get, method)
        case ("user", _):
            if let call = OrderUser.Call(rawValue: action) {
                return asked(.orderUser(OrderUser(call: call, administration: users)), with: .post, method)
            }
            return Self.unknownAction("HpcUserResponse")
        case ("cluster", _):
            if let call = OrderCluster.Call(rawValue: action) {
                return asked(.orderCluster(OrderCluster(call: call, administration: clusters)), with: .post, method)
            }
            return Self.unknownAction("HpcClusterResponse")
        case ("group", _):
            if let call = OrderGroup.Call(rawValue: action) {
                return asked(.orderGroup(OrderGroup(call: call, administration: groups)), with: .post, method)
            }
            return Self.unknownAction("HpcGroupResponse")
        case ("operation", _): return Self.unknownAction("HpcOperationResponse")
        default: return Self.unknownModule
        }
    }

    private func asked(_ call: Call, with right: HTTPRequest.Method, _ method: HTTPRequest.Method) -> Route {
        guard method == right else {
            return .refused(
                RosterError(.unknownAction, "method: this is asked with \(right.rawValue)"), action: call.action)
        }
        return .call(call)
    }

    private static func unknownAction(_ name: String) -> Route {
        .refused(RosterError(.unknownAction, "action: there is no such action"), action: name)
    }

    private static let unknownModule = Route.refused(
        RosterError(.unknownModule, "path: there is no such API module"), action: "HpcResponse")
}
