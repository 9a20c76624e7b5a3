import RosterModel
import RosterStore

/// What an entry means: the vendor's directory, and any other tree of posixAccount (RFC 2307).
extension LDIFEntry {
    /// Whether it is a user: of RFC 2307, or of Active Directory with a uid.
    var isUser: Bool {
        isOf(objectClass: "posixaccount")
            || isOf(objectClass: "user") && !isOf(objectClass: "computer") && !values(of: .account(.uidNumber)).isEmpty
    }

    /// Whether it has the settings of a cluster, as Roster exports them.
    var isCluster: Bool { isOf(objectClass: "rostercluster") }

    /// The entry as a user, which stands in `branch` under `relativeName`. All of its faults go into `faults`, and it
    /// is nil then.
    func record(
        named relativeName: DistinguishedName.RelativeName, in branch: ParentDN, localTime: LocalTime,
        faults: inout DiagnosticList
    ) -> ImportRecord? {
        var isComplete = true
        /// A part of the record, or nil after noting its fault.
        func part(_ read: () throws(LDIFError) -> String?) -> String? {
            do throws(LDIFError) {
                return try read()
            } catch {
                faults.add(line: error.line, error.message)
                isComplete = false
                return nil
            }
        }
        func single(_ name: LDIFName) -> String? {
            part { () throws(LDIFError) in try self.single(name)?.text() }
        }

        let username = part { () throws(LDIFError) in
            if let uid = try naming(.account(.uid), in: relativeName) { return uid }
            if let name = try self.single(.account(.samAccountName))?.text() { return name }
            return try naming(.person(.fullName), in: relativeName)
        }
        var record = ImportRecord(line: line, username: username ?? "")
        record.cluster = branch.clusterOfPeople
        record.uidNumber = single(.account(.uidNumber))
        record.gidNumber = single(.account(.gidNumber))
        record.homeDirectory = single(.account(.unixHomeDirectory))
        if record.homeDirectory == nil, unreadHomes.isEmpty { record.homeDirectory = single(.account(.homeDirectory)) }
        record.loginShell = single(.account(.loginShell))
        record.gecos = single(.account(.gecos))
        record.createTime = part { () throws(LDIFError) in
            if let time = describedTime(localTime: localTime) { return time }
            return try time(.account(.createTimestamp), .account(.whenCreated))
        }
        record.updateTime = part { () throws(LDIFError) in
            try time(.account(.modifyTimestamp), .account(.whenChanged))
        }
        record.hpcUserID = single(.roster(.userID))
        record.account = single(.roster(.accountID))
        record.role = single(.roster(.role))
        record.mode = single(.roster(.homeMode))
        record.nasMountPoint = single(.roster(.mountPoint))
        record.password = password
        record.attributes = attributes(of: record.username)
        record.lock = lock?.rawValue
        // Days since 1970; 0 asks for another password at the next login, which is no time.
        if let time = generalizedTime(.roster(.passwordTime)) {
            record.passwordTime = time
        } else if let days = number(.account(.shadowLastChange)), days > 0, let time = Timestamp(days: days) {
            record.passwordTime = time
        } else {
            record.passwordTime = timeSince1601(.account(.pwdLastSet))
        }
        if let expiry {
            record.expires = expiry.time
            record.expiresBy = expiry.name.text
        }
        return isComplete ? record : nil
    }

    /// The attributes of the person. A name that is but the username, because a schema asks for one, is none.
    private func attributes(of username: String) -> UserAttributes {
        var attributes = UserAttributes()
        for attribute in UserAttribute.allCases {
            let values = values(of: .person(attribute))
            if values.isEmpty { continue }
            switch attribute {
            case .fullName, .surname:
                if values.allSatisfy({ $0.bytes.elementsEqual(username.utf8) }) { continue }
                attributes[attribute] = values.map { Array($0.bytes) }
            case .description:
                // The vendor's creation time.
                attributes[attribute] = values.filter { Timestamp(spaced: $0.bytes) == nil }.map { Array($0.bytes) }
            default: attributes[attribute] = values.map { Array($0.bytes) }
            }
        }
        return attributes
    }

    /// The attribute that keeps the user out; nil where none does.
    private var lock: LDIFName.AccountAttribute? {
        func isTrue(_ value: Value) -> Bool { Username.key(of: String(decoding: value.bytes, as: UTF8.self)) == "true" }
        // OpenLDAP's policy: since when. 389-DS and FreeIPA: whether. Active Directory: a bit.
        if !values(of: .account(.pwdAccountLockedTime)).isEmpty { return .pwdAccountLockedTime }
        if values(of: .account(.nsAccountLock)).contains(where: isTrue) { return .nsAccountLock }
        if let flags = number(.account(.userAccountControl)), flags & Self.accountDisabled != 0 {
            return .userAccountControl
        }
        if values(of: .account(.userPassword)).contains(where: { StoredPassword.isLocked($0.bytes) }) {
            return .userPassword
        }
        return nil
    }

    private static let accountDisabled: Int64 = 2

    private func number(_ name: LDIFName) -> Int64? {
        values(of: name).first.flatMap { Int64(String(decoding: $0.bytes, as: UTF8.self)) }
    }

    /// When the user expires; nil where no attribute says so.
    private var expiry: (time: Timestamp, name: LDIFName)? {
        if let time = generalizedTime(.roster(.expires)) { return (time, .roster(.expires)) }
        // Days since 1970; a negative number is never.
        if let time = number(.account(.shadowExpire)).flatMap({ Timestamp(days: $0) }) {
            return (time, .account(.shadowExpire))
        }
        return timeSince1601(.account(.accountExpires)).map { ($0, .account(.accountExpires)) }
    }

    /// The entry as a cluster.
    /// - Throws: where a value is no text, or none of the values that it may be.
    func cluster() throws(LDIFError) -> ImportFile.ImportedCluster {
        var settings = ClusterSettings()
        settings.name = try single(.roster(.clusterName))?.text()
        settings.nasMountPoint = try single(.roster(.mountPoint))?.text()
        settings.homeTemplate = try single(.roster(.homeTemplate))?.text()
        settings.loginShell = try single(.roster(.loginShell))?.text()
        settings.description = try single(.person(.description))?.text()
        let firstUID = try single(.roster(.firstUID))?.text()
        let lastUID = try single(.roster(.lastUID))?.text()
        let nameRule = try single(.roster(.nameRule))?.text()
        let passwordRule = try single(.roster(.passwordRule))?.text()
        do throws(RosterError) {
            if let firstUID {
                settings.firstUID = try User.posixNumber(firstUID, name: LDIFName.RosterAttribute.firstUID.rawValue)
            }
            if let lastUID {
                settings.lastUID = try User.posixNumber(lastUID, name: LDIFName.RosterAttribute.lastUID.rawValue)
            }
            if let text = nameRule {
                guard let rule = NameRule(rawValue: text) else {
                    throw .invalid(LDIFName.RosterAttribute.nameRule.rawValue, "is no rule for names")
                }
                settings.nameRule = rule
            }
            if let text = passwordRule {
                guard let rule = PasswordRule(rawValue: text) else {
                    throw .invalid(LDIFName.RosterAttribute.passwordRule.rawValue, "is no rule for passwords")
                }
                settings.passwordRule = rule
            }
            try settings.check()
        } catch {
            throw LDIFError(line: line, error.message)
        }
        return ImportFile.ImportedCluster(
            line: line, settings: settings, createTime: generalizedTime(.account(.createTimestamp)))
    }

    /// A time of Active Directory, in units of 100 ns since 1601; 0 and the largest are none.
    private func timeSince1601(_ name: LDIFName) -> Timestamp? {
        guard let ticks = number(name), ticks > 0, ticks < .max else { return nil }
        let seconds = ticks / 10_000_000 - 11_644_473_600
        return Timestamp(seconds: max(0, min(seconds, 253_402_300_799)))
    }

    /// The names of the homes that are paths of Windows, or stand beside one of POSIX: Active Directory has both.
    var unreadHomes: [ArraySlice<UInt8>] {
        let homes = values(of: .account(.homeDirectory))
        if homes.isEmpty { return [] }
        let hasOther = !values(of: .account(.unixHomeDirectory)).isEmpty
        return homes.filter { hasOther || $0.bytes.starts(with: "\\\\".utf8) }.map(\.description)
    }

    /// The primary group that a user of Active Directory has: its number, and the user's own identifier.
    var primaryGroup: (identifier: ArraySlice<UInt8>, number: UInt32)? {
        guard let identifier = values(of: .account(.objectSid)).first?.bytes,
            let number = number(.account(.primaryGroupID)).flatMap({ UInt32(exactly: $0) })
        else { return nil }
        return (identifier, number)
    }

    /// The first password that Roster can use, else the first one, so that the plan can say why the user comes without.
    private var password: ImportedPassword? {
        let passwords = values(of: .account(.userPassword)).compactMap { StoredPassword.ofDirectory($0.bytes) }
        let usable = passwords.first { password in
            switch password {
            case .clear, .hash: true
            case .unsupported, .excessive: false
            }
        }
        return usable ?? passwords.first
    }

    /// The creation time as the vendor keeps it, in a description; any other description says nothing.
    private func describedTime(localTime: LocalTime) -> String? {
        for value in values(of: .person(.description)) {
            guard let shown = Timestamp(spaced: value.bytes) else { continue }
            return localTime.moment(showing: shown).iso8601
        }
        return nil
    }

    func generalizedTime(_ name: LDIFName) -> Timestamp? {
        values(of: name).first.flatMap { Timestamp(generalizedTime: $0.bytes) }
    }

    /// The time that the first of the attributes gives that the entry has.
    private func time(_ names: LDIFName...) throws(LDIFError) -> String? {
        for name in names {
            guard let value = try single(name), !value.bytes.isEmpty else { continue }
            guard let time = Timestamp(generalizedTime: value.bytes) else {
                throw LDIFError(line: value.line, "\(name.text): not a generalized time such as 20210817091240Z")
            }
            return time.iso8601
        }
        return nil
    }
}
