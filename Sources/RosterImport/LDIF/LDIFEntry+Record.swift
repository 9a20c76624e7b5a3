import RosterModel
import RosterStore

/// What an entry means: the vendor's directory, and any other tree of posixAccount (RFC 2307).
extension LDIFEntry {
    var isUser: Bool { isOf(objectClass: "posixaccount") }
    var isGroup: Bool { isOf(objectClass: "posixgroup") }

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
            if let uid = try naming(.uid, in: relativeName) { return uid }
            return try naming(.commonName, in: relativeName)
        }
        var record = ImportRecord(line: line, username: username ?? "")
        record.cluster = branch.clusterOfPeople
        record.uidNumber = single(.uidNumber)
        record.gidNumber = single(.gidNumber)
        record.homeDirectory = single(.homeDirectory)
        record.loginShell = single(.loginShell)
        record.gecos = single(.gecos)
        record.createTime = part { () throws(LDIFError) in
            if let time = describedTime(localTime: localTime) { return time }
            return try time(.createTimestamp)
        }
        record.updateTime = part { () throws(LDIFError) in try time(.modifyTimestamp) }
        record.password = password
        record.attributes = attributes(of: record.username)
        record.lock = lock
        // Days since 1970; 0 asks for another password at the next login, which is no time.
        if let days = number(.shadowLastChange), days > 0, days < Self.daysOfTimestamps {
            record.passwordTime = Timestamp(seconds: days * 86_400)
        }
        if let expiry {
            record.expires = expiry.time
            record.expiresBy = expiry.name.rawValue
        }
        return isComplete ? record : nil
    }

    /// The attributes of the person. A name that is but the username, because a schema asks for one, is none.
    private func attributes(of username: String) -> UserAttributes {
        var attributes = UserAttributes()
        for (name, attribute) in LDIFName.ofPerson {
            let values = values(of: name)
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
    private var lock: String? {
        func isTrue(_ value: Value) -> Bool { Username.key(of: String(decoding: value.bytes, as: UTF8.self)) == "true" }
        // OpenLDAP's policy: since when. 389-DS and FreeIPA: whether. Active Directory: a bit.
        if !values(of: .pwdAccountLockedTime).isEmpty { return LDIFName.pwdAccountLockedTime.rawValue }
        if values(of: .nsAccountLock).contains(where: isTrue) { return LDIFName.nsAccountLock.rawValue }
        if let flags = number(.userAccountControl), flags & Self.accountDisabled != 0 {
            return LDIFName.userAccountControl.rawValue
        }
        if values(of: .userPassword).contains(where: { StoredPassword.isLocked($0.bytes) }) {
            return LDIFName.userPassword.rawValue
        }
        return nil
    }

    private static let accountDisabled: Int64 = 2

    /// The days from 1970 to the end of the year 9999.
    private static let daysOfTimestamps: Int64 = 2_932_896

    private func number(_ name: LDIFName) -> Int64? {
        values(of: name).first.flatMap { Int64(String(decoding: $0.bytes, as: UTF8.self)) }
    }

    /// When the user expires; nil where no attribute says so.
    private var expiry: (time: Timestamp, name: LDIFName)? {
        // Days since 1970; a negative number is never.
        if let days = number(.shadowExpire), days >= 0, days < Self.daysOfTimestamps {
            return (Timestamp(seconds: days * 86_400), .shadowExpire)
        }
        // Units of 100 ns since 1601; 0 and the largest are never.
        if let ticks = number(.accountExpires), ticks > 0, ticks < .max {
            let seconds = ticks / 10_000_000 - 11_644_473_600
            return (Timestamp(seconds: max(0, min(seconds, 253_402_300_799))), .accountExpires)
        }
        return nil
    }

    /// The entry as a group, which stands in `branch` under `relativeName`.
    /// - Throws: where the entry has no name or number that could be a user's group's, or a member is no text.
    func group(
        named relativeName: DistinguishedName.RelativeName, in branch: ParentDN
    ) throws(LDIFError) -> ImportFile.ImportedGroup {
        guard let text = try naming(.commonName, in: relativeName) else {
            throw LDIFError(line: line, "group without a cn")
        }
        let digits = try single(.gidNumber)?.text() ?? ""
        guard let number = try? User.posixNumber(digits, name: LDIFName.gidNumber.rawValue) else {
            throw LDIFError(line: line, "group \(text.quoted): gid \(digits.quoted) is that of no user")
        }
        var members: [String] = []
        for value in values(of: .memberUid) {
            if let member = try value.text() { members.append(member) }
        }
        // A member by its distinguished name is who its first name says.
        for value in values(of: .member) + values(of: .uniqueMember) {
            guard let name = DistinguishedName.split(value.bytes)?.first.first(where: \.isUserName)?.value else {
                continue
            }
            members.append(name)
        }
        var seen: Set<String> = []
        members.removeAll { !seen.insert($0).inserted }
        return ImportFile.ImportedGroup(
            line: line, cluster: branch.cluster, name: text, gidNumber: number, members: members)
    }

    /// The first password that Roster can use, else the first one, so that the plan can say why the user comes without.
    private var password: ImportedPassword? {
        let passwords = values(of: .userPassword).compactMap { StoredPassword.ofDirectory($0.bytes) }
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
        for value in values(of: .description) {
            guard let shown = Timestamp(spaced: value.bytes) else { continue }
            return localTime.moment(showing: shown).iso8601
        }
        return nil
    }

    private func time(_ name: LDIFName) throws(LDIFError) -> String? {
        guard let value = try single(name), !value.bytes.isEmpty else { return nil }
        guard let time = Timestamp(generalizedTime: value.bytes) else {
            throw LDIFError(line: value.line, "\(name.rawValue): not a generalized time such as 20210817091240Z")
        }
        return time.iso8601
    }
}
