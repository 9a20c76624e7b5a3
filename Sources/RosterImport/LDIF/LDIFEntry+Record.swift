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
        return isComplete ? record : nil
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
