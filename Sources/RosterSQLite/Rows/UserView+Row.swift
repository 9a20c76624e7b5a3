import RosterModel

extension UserView {
    /// - Parameter rows: of `User.select`, at the row to be read; the texts are its own.
    init(_ rows: borrowing RawRows) {
        self.init(
            id: rows.text(0), cluster: rows.text(1), account: rows.text(2), username: rows.text(3),
            nasMountPoint: rows.text(8), homeDirectory: rows.text(9), loginShell: rows.text(10), gecos: rows.text(11),
            password: rows.text(16), uidNumber: UInt32(truncatingIfNeeded: rows.number(4)),
            gidNumber: UInt32(truncatingIfNeeded: rows.number(5)),
            // A role or state that a newer program wrote is read as the one with the least rights.
            role: Role.allCases.first { rows.text(6).elementsEqual($0.rawValue.utf8) } ?? .member,
            mode: rows.numberOrNil(7).map { FileMode(bits: UInt16(truncatingIfNeeded: $0)) },
            createTime: Timestamp(seconds: rows.number(12)), updateTime: Timestamp(seconds: rows.number(13)),
            state: rows.text(14).elementsEqual(User.State.active.rawValue.utf8) ? .active : .locked,
            expires: rows.numberOrNil(15).map { Timestamp(seconds: $0) },
            passwordTime: rows.numberOrNil(17).map { Timestamp(seconds: $0) }, revision: Revision(rows.number(18)))
    }
}
