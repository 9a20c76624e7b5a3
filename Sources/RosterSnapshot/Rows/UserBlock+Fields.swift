import RosterModel

// Access to the fields of a row in place.
extension UserBlock {
    typealias Text = UnsafeBufferPointer<UInt8>

    func withID<Result>(_ row: Int, _ body: (Text) -> Result) -> Result {
        let record = self[row]
        if record.flags.contains(.longID), let place = rare?.longIDs[row] { return body(texts[place]) }
        return PackedIdentifier.withText(record.id, prefix: PackedIdentifier.userPrefix, body)
    }

    func withAccount<Result>(_ row: Int, _ body: (Text) -> Result) -> Result {
        let record = self[row]
        if record.flags.contains(.longAccount), let place = rare?.longAccounts[row] {
            return body(texts[place])
        }
        return PackedIdentifier.withText(record.account, prefix: PackedIdentifier.accountPrefix, body)
    }

    func withHome<Result>(_ row: Int, _ body: (Text) -> Result) -> Result {
        let record = self[row]
        guard record.flags.contains(.homeEndsWithName) else { return body(texts[Int(record.home)]) }
        let (parent, name) = (texts[Int(record.home)], names.name(row))
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: parent.count + name.count) { buffer in
            let end = buffer.initialize(fromContentsOf: parent)
            _ = buffer[end...].initialize(fromContentsOf: name)
            return body(Text(buffer))
        }
    }

    /// The mount point of a row, valid as long as the block lives.
    func mount(_ row: Int) -> Text { texts[Int(self[row].mount)] }

    /// The password hash; empty if there is none.
    func password(_ row: Int) -> Text {
        guard let rare, rare.passwords.count > 0 else { return Text(start: nil, count: 0) }
        return rare.passwords[row]
    }

    /// Whether any row may have attributes.
    var hasAttributes: Bool { rare?.attributes != nil }

    /// The texts of `column` that are searched for words; nil if no row has any.
    func texts(of column: SearchColumn) -> NameBlock? {
        switch column {
        case .username: names
        case .fullName: rare?.attributes?.fullNames
        case .mail: rare?.attributes?.mails
        }
    }

    /// The text of `UserAttributes`; empty if there are none.
    func attributes(_ row: Int) -> Text {
        guard let column = rare?.attributes else { return Text(start: nil, count: 0) }
        return column.texts[row]
    }

    func expires(_ row: Int) -> Timestamp? { Self.time(rare?.expiries, row) }

    func passwordTime(_ row: Int) -> Timestamp? { Self.time(rare?.passwordTimes, row) }

    private static func time(_ times: [Int64]?, _ row: Int) -> Timestamp? {
        guard let times, !times.isEmpty, times[row] != SparseColumns.none else { return nil }
        return Timestamp(seconds: times[row])
    }

    /// Calls `body` with all fields of a row.
    func withFields<Result>(_ row: Int, cluster: ClusterID, _ body: (UserView) -> Result) -> Result {
        let record = self[row]
        var clusterText = cluster.text
        return clusterText.withUTF8 { cluster in
            withID(row) { id in
                withAccount(row) { account in
                    withHome(row) { home in
                        body(
                            UserView(
                                id: id, cluster: cluster, account: account, username: names.name(row),
                                nasMountPoint: mount(row), homeDirectory: home, loginShell: texts[Int(record.shell)],
                                gecos: texts[Int(record.gecos)], password: password(row), attributes: attributes(row),
                                uidNumber: record.uidNumber, gidNumber: record.gidNumber, role: record.role,
                                mode: record.fileMode, createTime: Timestamp(seconds: record.createTime),
                                updateTime: Timestamp(seconds: record.updateTime), state: record.state,
                                expires: expires(row), passwordTime: passwordTime(row),
                                revision: Revision(record.revision)))
                    }
                }
            }
        }
    }
}
