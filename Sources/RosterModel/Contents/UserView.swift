/// A user as a store reads it, with its texts as UTF-8 in place, so that loading a directory does not allocate a string
/// per field. The buffers are valid only during the call that receives them.
package struct UserView {
    /// UTF-8 bytes, valid only during the call that receives them.
    package typealias Text = UnsafeBufferPointer<UInt8>

    package var id: Text
    package var cluster: Text
    package var account: Text
    package var username: Text
    package var nasMountPoint: Text
    package var homeDirectory: Text
    package var loginShell: Text
    package var gecos: Text
    /// Empty if the user has none.
    package var password: Text
    /// The text of `UserAttributes`; empty if there are no attributes.
    package var attributes: Text
    package var uidNumber: UInt32
    package var gidNumber: UInt32
    package var role: Role
    package var mode: FileMode?
    package var createTime: Timestamp
    package var updateTime: Timestamp
    package var state: User.State
    package var expires: Timestamp?
    package var passwordTime: Timestamp?
    package var revision: Revision

    /// Creates a view whose buffers the caller keeps valid.
    package init(
        id: Text, cluster: Text, account: Text, username: Text, nasMountPoint: Text, homeDirectory: Text,
        loginShell: Text, gecos: Text, password: Text, attributes: Text, uidNumber: UInt32, gidNumber: UInt32,
        role: Role,
        mode: FileMode?, createTime: Timestamp, updateTime: Timestamp, state: User.State, expires: Timestamp?,
        passwordTime: Timestamp?, revision: Revision
    ) {
        self.id = id
        self.cluster = cluster
        self.account = account
        self.username = username
        self.nasMountPoint = nasMountPoint
        self.homeDirectory = homeDirectory
        self.loginShell = loginShell
        self.gecos = gecos
        self.password = password
        self.attributes = attributes
        self.uidNumber = uidNumber
        self.gidNumber = gidNumber
        self.role = role
        self.mode = mode
        self.createTime = createTime
        self.updateTime = updateTime
        self.state = state
        self.expires = expires
        self.passwordTime = passwordTime
        self.revision = revision
    }
}

extension User {
    /// Calls `body` with the user's fields.
    package func withFields<Result>(_ body: (UserView) -> Result) -> Result {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        for text in [
            id.text, cluster.text, account.text, username.text, nasMountPoint, homeDirectory, loginShell, gecos,
            password?.text ?? "", attributes.text ?? "",
        ] {
            bytes.append(contentsOf: text.utf8)
            ends.append(bytes.count)
        }
        return bytes.withUnsafeBufferPointer { bytes in
            func text(_ index: Int) -> UserView.Text {
                UnsafeBufferPointer(rebasing: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
            }
            return body(
                UserView(
                    id: text(0), cluster: text(1), account: text(2), username: text(3), nasMountPoint: text(4),
                    homeDirectory: text(5), loginShell: text(6), gecos: text(7), password: text(8), attributes: text(9),
                    uidNumber: uidNumber, gidNumber: gidNumber, role: role, mode: mode, createTime: createTime,
                    updateTime: updateTime, state: state, expires: expires, passwordTime: passwordTime,
                    revision: revision))
        }
    }

    /// Creates a user, copying every text of `fields`.
    package init(_ fields: UserView) {
        func text(_ bytes: UserView.Text) -> String { String(decoding: bytes, as: UTF8.self) }
        self.init(
            id: HPCUserID(stored: text(fields.id)), cluster: ClusterID(stored: text(fields.cluster)),
            account: AccountID(stored: text(fields.account)), username: Username(stored: text(fields.username)),
            uidNumber: fields.uidNumber, gidNumber: fields.gidNumber, role: fields.role, mode: fields.mode,
            nasMountPoint: text(fields.nasMountPoint), homeDirectory: text(fields.homeDirectory),
            loginShell: text(fields.loginShell), gecos: text(fields.gecos), createTime: fields.createTime,
            updateTime: fields.updateTime)
        state = fields.state
        expires = fields.expires
        password = fields.password.isEmpty ? nil : PasswordHash(stored: text(fields.password))
        passwordTime = fields.passwordTime
        if !fields.attributes.isEmpty { attributes = UserAttributes(text: fields.attributes) }
        revision = fields.revision
    }
}
