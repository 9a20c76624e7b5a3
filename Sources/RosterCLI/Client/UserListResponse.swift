import RosterModel
import RosterSnapshot

/// The response of `GET /api/user`, under either name of its list.
struct UserListResponse: Decodable {
    let totalCount: Int
    let users: [ResponseRow]

    private enum CodingKeys: String, CodingKey {
        case totalCount = "total_count"
        case userSet = "user_set"
        case usersSet = "users_set"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        totalCount = try container.decode(Int.self, forKey: .totalCount)
        users =
            try container.decodeIfPresent([ResponseRow].self, forKey: .userSet)
            ?? container.decode([ResponseRow].self, forKey: .usersSet)
    }

    /// The columns of the table of users, in this order.
    static let columns = [
        "username", "uid_number", "gid_number", "role", "mod", "cluster_id", "user_id", "hpcuser_id", "nas_mount_point",
        "create_time",
    ]

    /// The columns if more about each user is requested.
    static let verboseColumns = [
        "username", "uid_number", "gid_number", "role", "state", "expires", "cluster_id", "group_names", "gecos",
        "home_directory", "login_shell", "create_time", "last_login",
    ]
}
