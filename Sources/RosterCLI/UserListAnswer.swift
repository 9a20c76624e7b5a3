/// The answer of `GET /api/user`, under either name of its list.
struct UserListAnswer: Decodable {
    let totalCount: Int
    let users: [UserItem]

    private enum CodingKeys: String, CodingKey {
        case totalCount = "total_count"
        case userSet = "user_set"
        case usersSet = "users_set"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        totalCount = try container.decode(Int.self, forKey: .totalCount)
        users =
            try container.decodeIfPresent([UserItem].self, forKey: .userSet)
            ?? container.decode([UserItem].self, forKey: .usersSet)
    }

    /// What the table of users shows, in this order.
    static let columns = [
        "username", "uid_number", "gid_number", "role", "mod", "cluster_id", "user_id", "hpcuser_id", "nas_mount_point",
        "create_time",
    ]

    struct UserItem: Decodable {
        let cells: [String]

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            cells = try UserListAnswer.columns.map { column in
                try container.decodeIfPresent(String.self, forKey: Key(stringValue: column)) ?? "-"
            }
        }
    }
}
