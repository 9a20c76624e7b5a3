package import RosterModel

/// A column of a user's row, in every store.
///
/// The statements, the copies and the canonical bytes of users have the columns in this order: texts first, then
/// numbers. A new column needs a case here, a line in `User.writeColumns` and one in `UserView.init(columns:)`, and a
/// schema migration in each store; that of the embedded store also renews the checksums of all users. It comes last of
/// its kind. The canonical bytes omit it for users without a value, so
/// that their bytes do not change.
package enum UserColumn: Int, CaseIterable, Sendable {
    case id
    case cluster
    case account
    case username
    /// `username`, ignoring ASCII case. It is derived, for indexes.
    case nameKey
    case role
    case nasMountPoint
    case homeDirectory
    case loginShell
    case gecos
    case state
    case password
    /// The text of `UserAttributes`; NULL if there are none.
    case attributes
    case uidNumber
    case gidNumber
    case mode
    case createTime
    case updateTime
    case expires
    case passwordTime
    case revision
    /// When the user was removed; NULL if it exists.
    case deletedTime

    /// The column's name in the tables.
    package var name: String {
        switch self {
        case .id: "hpcuser_id"
        case .cluster: "cluster_id"
        case .account: "user_id"
        case .username: "username"
        case .nameKey: "name_key"
        case .role: "role"
        case .nasMountPoint: "nas_mount_point"
        case .homeDirectory: "home_directory"
        case .loginShell: "login_shell"
        case .gecos: "gecos"
        case .state: "state"
        case .password: "password_hash"
        case .attributes: "attributes"
        case .uidNumber: "uid_number"
        case .gidNumber: "gid_number"
        case .mode: "mode"
        case .createTime: "create_time"
        case .updateTime: "update_time"
        case .expires: "expires"
        case .passwordTime: "password_time"
        case .revision: "revision"
        case .deletedTime: "deleted_time"
        }
    }

    /// Whether the values are text; the others are 64-bit integers.
    package var isText: Bool { self < .uidNumber }

    /// The names of all columns, for a SELECT or INSERT.
    package static let list = allCases.map(\.name).joined(separator: ", ")

    /// The assignments of an upsert for an existing identifier: every other column.
    package static let assignments =
        allCases.filter { $0 != .id }.map { "\($0.name) = excluded.\($0.name)" }.joined(separator: ", ")
}

extension UserColumn: Comparable {
    package static func < (left: UserColumn, right: UserColumn) -> Bool { left.rawValue < right.rawValue }
}

/// Receives the values of a user's row, in the order of `UserColumn`.
package protocol UserColumnWriter: ~Copyable {
    mutating func write(_ text: String?, to column: UserColumn)
    mutating func write(_ number: Int64?, to column: UserColumn)
}

extension User {
    /// Writes every column of the user's row.
    /// - Parameters:
    ///   - revision: the revision of the row.
    ///   - deletedTime: when the user was removed; nil if it exists.
    package func writeColumns<Writer: UserColumnWriter & ~Copyable>(
        to writer: inout Writer, revision: Revision, deletedTime: Timestamp?
    ) {
        writer.write(id.text, to: .id)
        writer.write(cluster.text, to: .cluster)
        writer.write(account.text, to: .account)
        writer.write(username.text, to: .username)
        writer.write(username.key, to: .nameKey)
        writer.write(role.rawValue, to: .role)
        writer.write(nasMountPoint, to: .nasMountPoint)
        writer.write(homeDirectory, to: .homeDirectory)
        writer.write(loginShell, to: .loginShell)
        writer.write(gecos, to: .gecos)
        writer.write(state.rawValue, to: .state)
        writer.write(password?.text, to: .password)
        writer.write(attributes.text, to: .attributes)
        writer.write(Int64(uidNumber), to: .uidNumber)
        writer.write(Int64(gidNumber), to: .gidNumber)
        writer.write(mode.map { Int64($0.bits) }, to: .mode)
        writer.write(createTime.seconds, to: .createTime)
        writer.write(updateTime.seconds, to: .updateTime)
        writer.write(expires?.seconds, to: .expires)
        writer.write(passwordTime?.seconds, to: .passwordTime)
        writer.write(revision.number, to: .revision)
        writer.write(deletedTime?.seconds, to: .deletedTime)
    }
}

/// A user's row as a store reads it, with its columns in the order of `UserColumn`.
package protocol UserColumnReader: ~Copyable {
    /// The UTF-8 of a text in place, valid only while the row is read; empty for NULL.
    func text(_ column: UserColumn) -> UserView.Text
    /// A number; nil for NULL.
    func number(_ column: UserColumn) -> Int64?
}

extension UserColumnReader where Self: ~Copyable {
    /// When the user was removed; nil if it exists.
    package var deletedTime: Timestamp? { number(.deletedTime).map { Timestamp(seconds: $0) } }
}

extension UserView {
    /// Creates a view of a row; its texts are the row's own.
    package init<Row: UserColumnReader & ~Copyable>(columns row: borrowing Row) {
        self.init(
            id: row.text(.id), cluster: row.text(.cluster), account: row.text(.account), username: row.text(.username),
            nasMountPoint: row.text(.nasMountPoint), homeDirectory: row.text(.homeDirectory),
            loginShell: row.text(.loginShell), gecos: row.text(.gecos), password: row.text(.password),
            attributes: row.text(.attributes),
            uidNumber: UInt32(truncatingIfNeeded: row.number(.uidNumber) ?? 0),
            gidNumber: UInt32(truncatingIfNeeded: row.number(.gidNumber) ?? 0),
            // A role or state that a newer version wrote is read as the one with the fewest rights.
            role: Self.role(row.text(.role)) ?? .member,
            mode: row.number(.mode).map { FileMode(bits: UInt16(truncatingIfNeeded: $0)) },
            createTime: Timestamp(seconds: row.number(.createTime) ?? 0),
            updateTime: Timestamp(seconds: row.number(.updateTime) ?? 0),
            state: Self.isActive(row.text(.state)) ? .active : .locked,
            expires: row.number(.expires).map { Timestamp(seconds: $0) },
            passwordTime: row.number(.passwordTime).map { Timestamp(seconds: $0) },
            revision: Revision(row.number(.revision) ?? 0))
    }

    /// The role of that name; nil if it is unknown.
    package static func role(_ text: Text) -> Role? {
        Role.allCases.first { text.elementsEqual($0.rawValue.utf8) }
    }

    /// Whether `text` is the name of the state `active`.
    package static func isActive(_ text: Text) -> Bool { text.elementsEqual(User.State.active.rawValue.utf8) }
}
