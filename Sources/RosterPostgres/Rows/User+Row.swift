import RosterModel

extension User {
    /// Every column that a `User` is made of, in the order that `UserView(columns:)` reads.
    static let columns = """
        hpcuser_id, cluster_id, user_id, username, uid_number, gid_number, role, mode, nas_mount_point, home_directory,
        login_shell, gecos, create_time, update_time, state, expires, password_hash, password_time, revision, deleted_time
        """
    static let columnCount = 20
    /// Which of the columns tells when the user was removed; NULL while it is there.
    static let deletedColumn = 19
}

extension UserView {
    /// - Parameter column: gives the value of a column of `User.columns`, without an address for NULL; the texts are its own.
    init(columns column: (Int) -> Text) {
        func number(_ index: Int) -> Int64? {
            let value = column(index)
            return value.baseAddress == nil ? nil : value.bigEndianNumber
        }
        func small(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: number(index) ?? 0) }
        self.init(
            id: column(0), cluster: column(1), account: column(2), username: column(3), nasMountPoint: column(8),
            homeDirectory: column(9), loginShell: column(10), gecos: column(11), password: column(16),
            uidNumber: small(4), gidNumber: small(5),
            // A role or state that a newer program wrote is read as the one with the least rights.
            role: Role.allCases.first { column(6).elementsEqual($0.rawValue.utf8) } ?? .member,
            mode: number(7).map { FileMode(bits: UInt16(truncatingIfNeeded: $0)) },
            createTime: Timestamp(seconds: number(12) ?? 0), updateTime: Timestamp(seconds: number(13) ?? 0),
            state: column(14).elementsEqual(User.State.active.rawValue.utf8) ? .active : .locked,
            expires: number(15).map { Timestamp(seconds: $0) },
            passwordTime: number(17).map { Timestamp(seconds: $0) }, revision: Revision(number(18) ?? 0))
    }
}

/// Users to be written, as columns.
struct UserRows {
    private(set) var count = 0
    private var texts = [ArrayParameter](repeating: ArrayParameter(.text), count: 12)
    private var numbers = [ArrayParameter](repeating: ArrayParameter(.number), count: 9)

    mutating func add(_ user: User, revision: Revision, deletedTime: Timestamp? = nil) {
        count += 1
        texts[0].append(user.id.text)
        texts[1].append(user.cluster.text)
        texts[2].append(user.account.text)
        texts[3].append(user.username.text)
        texts[4].append(user.username.key)
        texts[5].append(user.role.rawValue)
        texts[6].append(user.nasMountPoint)
        texts[7].append(user.homeDirectory)
        texts[8].append(user.loginShell)
        texts[9].append(user.gecos)
        texts[10].append(user.state.rawValue)
        texts[11].append(user.password?.text)
        numbers[0].append(Int64(user.uidNumber))
        numbers[1].append(Int64(user.gidNumber))
        numbers[2].append(user.mode.map { Int64($0.bits) })
        numbers[3].append(user.createTime.seconds)
        numbers[4].append(user.updateTime.seconds)
        numbers[5].append(user.expires?.seconds)
        numbers[6].append(user.passwordTime?.seconds)
        numbers[7].append(revision.number)
        numbers[8].append(deletedTime?.seconds)
    }

    private var parameters: [Parameter] { texts.map(\.parameter) + numbers.map(\.parameter) }

    /// Makes users that were never there.
    var insert: Statement { Statement(Self.insertSQL, parameters) }

    /// Makes users, or puts them over the rows with the same `hpcuser_id`; a tombstone comes back to life.
    var upsert: Statement { Statement(Self.upsertSQL, parameters) }

    private static let insertSQL = """
        INSERT INTO users (hpcuser_id, cluster_id, user_id, username, name_key, role, nas_mount_point, home_directory,
        login_shell, gecos, state, password_hash, uid_number, gid_number, mode, create_time, update_time, expires,
        password_time, revision, deleted_time)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::bigint[], $15::bigint[],
        $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[])
        """

    private static let upsertSQL =
        insertSQL + """
             ON CONFLICT (hpcuser_id) DO UPDATE SET cluster_id = excluded.cluster_id, user_id = excluded.user_id,
            username = excluded.username, name_key = excluded.name_key, role = excluded.role,
            nas_mount_point = excluded.nas_mount_point, home_directory = excluded.home_directory,
            login_shell = excluded.login_shell, gecos = excluded.gecos, state = excluded.state,
            password_hash = excluded.password_hash, uid_number = excluded.uid_number, gid_number = excluded.gid_number,
            mode = excluded.mode, create_time = excluded.create_time, update_time = excluded.update_time,
            expires = excluded.expires, password_time = excluded.password_time, revision = excluded.revision,
            deleted_time = excluded.deleted_time
            """
}
