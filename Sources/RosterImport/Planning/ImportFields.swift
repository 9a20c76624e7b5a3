import RosterModel

extension ImportPlanner {
    /// The fields of a record, each checked on its own.
    struct Fields {
        let id: HPCUserID?
        let account: AccountID?
        let username: Username
        let uidNumber: UInt32?
        let gidNumber: UInt32?
        let role: Role?
        let mode: FileMode?
        let nasMountPoint: String?
        let createTime: Timestamp?
        let updateTime: Timestamp?
        let homeDirectory: String?
        let loginShell: String?
        let gecos: String?
        let password: PasswordHash?
        let attributes: UserAttributes
        let isLocked: Bool
        let expires: Timestamp?
        let passwordTime: Timestamp?
        /// Diagnostics about what is omitted or changed, and why.
        let diagnostics: [String]

        init(_ record: ImportRecord, in catalog: AttributeCatalog) throws(PlanningError) {
            username = try Self.read(record.username) { text throws(RosterError) in try Username(text) }
            id = try Self.read(record.hpcUserID) { text throws(RosterError) in try HPCUserID(text) }
            account = try Self.read(record.account) { text throws(RosterError) in try AccountID(text) }
            uidNumber = try Self.number(record.uidNumber, name: "uid_number")
            gidNumber = try Self.number(record.gidNumber, name: "gid_number")
            role = try Self.read(record.role) { text throws(RosterError) in try Role(text) }
            mode = try Self.read(record.mode) { text throws(RosterError) in try FileMode(text) }
            nasMountPoint = try Self.plain(record.nasMountPoint, name: "nas_mount_point")
            createTime = try Self.time(record.createTime, name: "create_time")
            updateTime = try Self.time(record.updateTime, name: "update_time")
            homeDirectory = try Self.passwdField(record.homeDirectory, name: "home_directory")
            loginShell = try Self.passwdField(record.loginShell, name: "login_shell")
            var diagnostics: [String] = []
            attributes = Self.checked(record.attributes, in: catalog, &diagnostics)
            let givenGecos = try Self.plain(record.gecos, name: "gecos")
            gecos = givenGecos?.replacing(":", with: " ") ?? attributes.gecos
            // In passwd(5), a colon would end the field.
            if gecos != givenGecos, let gecos, givenGecos != nil {
                diagnostics.append(
                    "gecos: holds a colon, which passwd(5) cannot hold, and becomes '\(gecos.sanitizedForDisplay())'")
            }
            let state = try Self.read(record.state) { text throws(RosterError) in
                guard let state = User.State(rawValue: text) else {
                    throw .invalid("state", "'\(text.sanitizedForDisplay(limit: 32))' is not active or locked")
                }
                return state
            }
            isLocked = record.lock != nil || state == .locked
            let expiry = try Self.time(record.expiryText, name: "expires")
            expires = record.expires ?? expiry
            passwordTime = record.passwordTime
            if let lock = record.lock { diagnostics.append("locked, as \(lock) says") }
            if let expires, let attribute = record.expiresBy {
                diagnostics.append("expires at \(expires), as \(attribute) says")
            }
            self.diagnostics = diagnostics
            if case .hash(let hash) = record.password { password = hash } else { password = nil }
        }

        /// Applies the file's fields to `user`; fields that the file does not have are unchanged.
        /// - Parameter keepsPassword: whether a password that the user has stays.
        func update(_ user: inout User, keepsPassword: Bool) {
            user.username = username
            user.account = account ?? user.account
            user.gidNumber = gidNumber ?? user.gidNumber
            user.role = role ?? user.role
            user.mode = mode ?? user.mode
            user.nasMountPoint = nasMountPoint ?? user.nasMountPoint
            user.createTime = createTime ?? user.createTime
            user.updateTime = updateTime ?? user.updateTime
            user.homeDirectory = homeDirectory ?? user.homeDirectory
            user.loginShell = loginShell ?? user.loginShell
            user.gecos = gecos ?? user.gecos
            if !keepsPassword || user.password == nil { user.password = password ?? user.password }
            user.attributes.replaceValues(with: attributes)
            if isLocked { user.state = .locked }
            user.expires = expires ?? user.expires
        }

        /// The valid values of attributes: a user is not refused because of a photo.
        private static func checked(
            _ attributes: UserAttributes, in catalog: AttributeCatalog, _ diagnostics: inout [String]
        ) -> UserAttributes {
            var checked = attributes
            var room = UserAttributes.maximumBytes
            for attribute in attributes.present(in: catalog) {
                var values: [[UInt8]] = []
                var seen: Set<[UInt8]> = []
                for value in attributes[attribute] where !value.isEmpty && seen.insert(value).inserted {
                    do throws(RosterError) {
                        try attribute.check(value)
                        values.append(value)
                    } catch {
                        diagnostics.append("\(error.message): left out")
                    }
                }
                let most = attribute.isMultiple ? UserAttribute.maximumCount : 1
                if values.count > most {
                    diagnostics.append("\(attribute.name): \(values.count) values, of which the first \(most) are kept")
                    values.removeLast(values.count - most)
                }
                let size = values.reduce(0) { $0 + $1.count }
                if size > room {
                    diagnostics.append(
                        "\(attribute.name): the attributes are larger than \(UserAttributes.maximumBytes) bytes: left out"
                    )
                    values = []
                } else {
                    room -= size
                    for value in values where attribute.isWeak(value) {
                        diagnostics.append("\(attribute.name): a short RSA key is kept; a new one would be refused")
                    }
                }
                checked[attribute] = values
            }
            return checked
        }

        private static func read<Value>(
            _ text: String, _ make: (String) throws(RosterError) -> Value
        ) throws(PlanningError) -> Value {
            try PlanningError.refusing { () throws(RosterError) in try make(text) }
        }

        private static func read<Value>(
            _ text: String?, _ make: (String) throws(RosterError) -> Value
        ) throws(PlanningError) -> Value? {
            guard let text else { return nil }
            return try read(text, make) as Value
        }

        private static func number(_ text: String?, name: String) throws(PlanningError) -> UInt32? {
            try read(text) { text throws(RosterError) in try User.posixNumber(text, name: name) }
        }

        private static func time(_ text: String?, name: String) throws(PlanningError) -> Timestamp? {
            try read(text) { text throws(RosterError) in
                guard let time = Timestamp(iso8601: text) else {
                    throw .invalid(
                        name, "'\(text.sanitizedForDisplay(limit: 32))' is not a time such as 2021-08-17T09:12:40Z")
                }
                return time
            }
        }

        /// Checks text for a field of passwd(5), which a colon would end.
        private static func passwdField(_ text: String?, name: String) throws(PlanningError) -> String? {
            let text = try plain(text, name: name)
            guard text?.utf8.contains(UInt8(ascii: ":")) != true else {
                throw .refused("\(name): holds a colon, which passwd(5) cannot hold")
            }
            return text
        }

        /// Checks text for passwd(5) and terminals: at most 4096 bytes, no control character.
        private static func plain(_ text: String?, name: String) throws(PlanningError) -> String? {
            guard let text else { return nil }
            guard text.utf8.count <= 4096 else { throw .refused("\(name): is longer than 4096 bytes") }
            guard !text.hasControlCharacter else { throw .refused("\(name): holds a control character") }
            return text
        }
    }
}
