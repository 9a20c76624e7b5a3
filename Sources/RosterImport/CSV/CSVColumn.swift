import RosterModel

/// A column that a CSV file may have: the API's names of a user's fields, and three that the API does not show.
enum CSVColumn: String, CaseIterable {
    case cluster = "cluster_id"
    case createTime = "create_time"
    case gidNumber = "gid_number"
    case hpcUserID = "hpcuser_id"
    case mode = "mod"
    case nasMountPoint = "nas_mount_point"
    case role
    case uidNumber = "uid_number"
    case updateTime = "update_time"
    case account = "user_id"
    case username
    case homeDirectory = "home_directory"
    case loginShell = "login_shell"
    case gecos

    /// Puts a cell that is not empty into the record.
    func put(_ text: String, into record: inout ImportRecord) {
        switch self {
        case .cluster: record.cluster = text
        case .createTime: record.createTime = text
        case .gidNumber: record.gidNumber = text
        case .hpcUserID: record.hpcUserID = text
        // The API writes a user without a mode as null, and so do people who turn its answer into CSV.
        case .mode: record.mode = text == "null" ? nil : text
        case .nasMountPoint: record.nasMountPoint = text
        case .role: record.role = text
        case .uidNumber: record.uidNumber = text
        case .updateTime: record.updateTime = text
        case .account: record.account = text
        case .username: record.username = text
        case .homeDirectory: record.homeDirectory = text
        case .loginShell: record.loginShell = text
        case .gecos: record.gecos = text
        }
    }
}
