import RosterModel
import RosterStore

/// Interprets an entry of the vendor's directory, or of any other tree with posixAccount (RFC 2307).
extension LDIFEntry {
    /// Whether the entry is a user: a posixAccount of RFC 2307, or an Active Directory user with a uidNumber.
    var isUser: Bool {
        isOf(objectClass: "posixaccount")
            || isOf(objectClass: "user") && !isOf(objectClass: "computer") && !values(of: .account(.uidNumber)).isEmpty
    }

    /// Whether the entry has the settings of a cluster, as Roster exports them.
    var isCluster: Bool { isOf(objectClass: "rostercluster") }

    /// Converts the entry, named `relativeName` in `branch`, to a user. Its faults are added to `faults`; if there are
    /// any, the result is nil.
    func record(
        named relativeName: DistinguishedName.RelativeName, in branch: ParentDN, catalog: AttributeCatalog,
        localTime: LocalTime, faults: inout DiagnosticList
    ) -> ImportRecord? {
        var isComplete = true
        /// A part of the record, or nil after recording its fault.
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
        record.attributes = attributes(of: record.username, in: catalog)
        record.lock = lock?.rawValue
        // Days since 1970; 0 requires a new password at the next login and is not a time.
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

    /// The user's attributes. A full name or surname that is only the username, present because the schema requires it,
    /// is dropped.
    private func attributes(of username: String, in catalog: AttributeCatalog) -> UserAttributes {
        var attributes = UserAttributes()
        for attribute in catalog.all {
            let values = values(of: .person(attribute))
            if values.isEmpty { continue }
            switch attribute {
            case .fullName, .surname:
                if values.allSatisfy({ $0.bytes.elementsEqual(username.utf8) }) { continue }
                attributes[attribute] = values.map { Array($0.bytes) }
            case .description:
                // The vendor stores the creation time here.
                attributes[attribute] = values.filter { Timestamp(spaced: $0.bytes) == nil }.map { Array($0.bytes) }
            default: attributes[attribute] = values.map { Array($0.bytes) }
            }
        }
        return attributes
    }

    /// The attribute that locks the user; nil if none does.
    private var lock: LDIFName.AccountAttribute? {
        func isTrue(_ value: Value) -> Bool { Username.key(of: String(decoding: value.bytes, as: UTF8.self)) == "true" }
        // OpenLDAP's policy gives the time of the lock, 389-DS and FreeIPA a Boolean, Active Directory a bit.
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

    /// When the user expires; nil if no attribute says so.
    private var expiry: (time: Timestamp, name: LDIFName)? {
        if let time = generalizedTime(.roster(.expires)) { return (time, .roster(.expires)) }
        // Days since 1970; a negative number means never.
        if let time = number(.account(.shadowExpire)).flatMap({ Timestamp(days: $0) }) {
            return (time, .account(.shadowExpire))
        }
        return timeSince1601(.account(.accountExpires)).map { ($0, .account(.accountExpires)) }
    }

    /// Converts the entry to a cluster.
    /// - Throws: if a value is not text or not allowed.
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

    /// A time of Active Directory, in units of 100 ns since 1601; nil for 0 and the largest number, which mean none.
    private func timeSince1601(_ name: LDIFName) -> Timestamp? {
        guard let ticks = number(name), ticks > 0, ticks < .max else { return nil }
        let seconds = ticks / 10_000_000 - 11_644_473_600
        return Timestamp(seconds: max(0, min(seconds, 253_402_300_799)))
    }

    /// The names of homes that are Windows paths, or that an Active Directory entry has in addition to a POSIX home.
    var unreadHomes: [ArraySlice<UInt8>] {
        let homes = values(of: .account(.homeDirectory))
        if homes.isEmpty { return [] }
        let hasOther = !values(of: .account(.unixHomeDirectory)).isEmpty
        return homes.filter { hasOther || $0.bytes.starts(with: "\\\\".utf8) }.map(\.description)
    }

    /// The primary group of an Active Directory user: its number, and the user's own security identifier.
    var primaryGroup: (identifier: ArraySlice<UInt8>, number: UInt32)? {
        guard let identifier = values(of: .account(.objectSid)).first?.bytes,
            let number = number(.account(.primaryGroupID)).flatMap({ UInt32(exactly: $0) })
        else { return nil }
        return (identifier, number)
    }

    /// The first password that Roster can use, otherwise the first one, so that the plan can say why the user has none.
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

    /// The creation time, which the vendor stores in a description; any other description is ignored.
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

    /// The time in the first of these attributes that has a value.
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
