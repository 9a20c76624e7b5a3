import GRDB
import RosterModel

extension User {
    /// Every column that a `User` is made of, in the order that `init(_:)` reads.
    static let select = """
        SELECT hpcuser_id, cluster_id, user_id, username, uid_number, gid_number, role, mode, nas_mount_point,
        home_directory, login_shell, gecos, create_time, update_time, state, expires, password_hash, password_time,
        revision, deleted_time FROM users
        """
    static let columnCount = 20

    /// Makes a user that was never there.
    static let insert = """
        INSERT INTO users (hpcuser_id, cluster_id, user_id, username, uid_number, gid_number, role, mode,
        nas_mount_point, home_directory, login_shell, gecos, create_time, update_time, state, expires, password_hash,
        password_time, revision, name_key)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// How many values `insert` and `upsert` take.
    static let parameterCount: Int32 = 20

    /// Makes a user that another store has, there or removed.
    static let insertCopy = """
        INSERT INTO users (hpcuser_id, cluster_id, user_id, username, uid_number, gid_number, role, mode,
        nas_mount_point, home_directory, login_shell, gecos, create_time, update_time, state, expires, password_hash,
        password_time, revision, name_key, deleted_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// Makes a user, or puts it over the row with the same `hpcuser_id`; a tombstone comes back to life.
    static let upsert =
        insert + """
             ON CONFLICT (hpcuser_id) DO UPDATE SET cluster_id = excluded.cluster_id, user_id = excluded.user_id,
            username = excluded.username,
            uid_number = excluded.uid_number, gid_number = excluded.gid_number, role = excluded.role, mode = excluded.mode,
            nas_mount_point = excluded.nas_mount_point, home_directory = excluded.home_directory,
            login_shell = excluded.login_shell, gecos = excluded.gecos, create_time = excluded.create_time,
            update_time = excluded.update_time, state = excluded.state, expires = excluded.expires,
            password_hash = excluded.password_hash, password_time = excluded.password_time, revision = excluded.revision,
            name_key = excluded.name_key, deleted_time = NULL
            """

    func arguments(revision: Revision) -> StatementArguments {
        [
            id.text, cluster.text, account.text, username.text, Int64(uidNumber), Int64(gidNumber), role.rawValue,
            mode.map { Int64($0.bits) }, nasMountPoint, homeDirectory, loginShell, gecos, createTime.seconds,
            updateTime.seconds, state.rawValue, expires?.seconds, password?.text, passwordTime?.seconds,
            revision.number,
            username.key,
        ]
    }

    /// Binds what `arguments` gives to `insert` or `upsert`.
    func bind(to statement: inout RawStatement, revision: Revision) {
        statement.bind(1, id.text)
        statement.bind(2, cluster.text)
        statement.bind(3, account.text)
        statement.bind(4, username.text)
        statement.bind(5, Int64(uidNumber))
        statement.bind(6, Int64(gidNumber))
        statement.bind(7, role.rawValue)
        statement.bind(8, mode.map { Int64($0.bits) })
        statement.bind(9, nasMountPoint)
        statement.bind(10, homeDirectory)
        statement.bind(11, loginShell)
        statement.bind(12, gecos)
        statement.bind(13, createTime.seconds)
        statement.bind(14, updateTime.seconds)
        statement.bind(15, state.rawValue)
        statement.bind(16, expires?.seconds)
        statement.bind(17, password?.text)
        statement.bind(18, passwordTime?.seconds)
        statement.bind(19, revision.number)
        statement.bind(20, username.key)
    }

    /// - Parameter row: of `select`.
    init(_ row: Row) {
        self.init(
            id: HPCUserID(stored: row[0]), cluster: ClusterID(stored: row[1]), account: AccountID(stored: row[2]),
            username: Username(stored: row[3]), uidNumber: row[4], gidNumber: row[5],
            // A role or state that a newer program wrote is read as the one with the least rights.
            role: Role(rawValue: row[6]) ?? .member,
            mode: (row[7] as UInt16?).map { FileMode(bits: $0) }, nasMountPoint: row[8], homeDirectory: row[9],
            loginShell: row[10], gecos: row[11], createTime: Timestamp(seconds: row[12]),
            updateTime: Timestamp(seconds: row[13]))
        state = State(rawValue: row[14]) ?? .locked
        expires = (row[15] as Int64?).map { Timestamp(seconds: $0) }
        password = (row[16] as String?).map { PasswordHash(stored: $0) }
        passwordTime = (row[17] as Int64?).map { Timestamp(seconds: $0) }
        revision = Revision(row[18])
    }

    /// When the user was removed; nil while it is there.
    /// - Parameter row: of `select`.
    static func deletedTime(_ row: Row) -> Timestamp? {
        (row[19] as Int64?).map { Timestamp(seconds: $0) }
    }
}
