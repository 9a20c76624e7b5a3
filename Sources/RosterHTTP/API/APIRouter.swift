import HTTPTypes
import Roster

/// Which call of the API a path and a method name.
struct APIRouter {
    let listUsers: ListUsers
    let administration: UserAdministration

    /// What is done with a request under `/api/`.
    enum Route {
        case call(Call)
        /// Not an API call, or not one that there is. `action` names the answer.
        case refused(RosterError, action: String)
    }

    enum Call {
        case listUsers(ListUsers)
        case orderUser(OrderUser)

        /// The answer's `action`.
        var action: String {
            switch self {
            case .listUsers: "HpcUserListUsersResponse"
            case .orderUser(let order): order.call.action
            }
        }

        /// Whether the call is asked with GET, and its zone stands in the query.
        var isRead: Bool {
            switch self {
            case .listUsers: true
            case .orderUser: false
            }
        }
    }

    /// - Parameter path: as received. One trailing slash is passed over; a doubled or escaped one is part of no path that
    ///   there is.
    func route(_ method: HTTPRequest.Method, path: Substring) -> Route {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count > 2, parts.last == "" { parts.removeLast() }
        guard parts.count >= 3, parts[0] == "", parts[1] == "api", !parts.contains(where: { $0.contains("%") }),
            !parts.dropFirst().contains("")
        else { return Self.unknownModule }
        switch parts[2] {
        case "user": return user(method, action: parts.count == 3 ? "" : parts[3...].joined(separator: "/"))
        default: return Self.unknownModule
        }
    }

    private func user(_ method: HTTPRequest.Method, action: String) -> Route {
        if action.isEmpty {
            return method == .get
                ? .call(.listUsers(listUsers))
                : .refused(
                    RosterError(.unknownAction, "method: /api/user is asked with GET"),
                    action: "HpcUserListUsersResponse")
        }
        guard let call = OrderUser.Call(rawValue: action) else {
            return .refused(
                RosterError(.unknownAction, "action: there is no such action"), action: "HpcUserResponse")
        }
        guard method == .post else {
            return .refused(
                RosterError(.unknownAction, "method: /api/user/\(action) is asked with POST"), action: call.action)
        }
        return .call(.orderUser(OrderUser(call: call, administration: administration)))
    }

    private static let unknownModule = Route.refused(
        RosterError(.unknownModule, "path: there is no such API module"), action: "HpcResponse")
}
