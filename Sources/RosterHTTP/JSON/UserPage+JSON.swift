import RosterModel
import RosterSnapshot

/// The name of the list of users in a response: the contract's table says `user_set`, its example `users_set`.
package enum UserSetName: String, Sendable, CaseIterable {
    /// Both, with the same list, so that clients written from either part work.
    case both
    case userSet = "user_set"
    case usersSet = "users_set"
}

extension UserPage {
    /// The members that follow `action` and `ret_code`.
    /// - Parameter element: writes a user.
    func write(
        to json: inout JSONWriter, named name: UserSetName,
        element: (UserRow, inout JSONWriter) -> Void = { $0.write(to: &$1) }
    ) {
        json.key("total_count")
        json.number(totalCount)
        let isFirst = name != .usersSet
        json.key(isFirst ? "user_set" : "users_set")
        let start = json.count
        json.array { json in
            for row in rows { element(row, &json) }
        }
        if name == .both {
            let list = start..<json.count
            json.key("users_set")
            json.again(list)
        }
    }
}
