import RosterModel

/// Builds a block from users, storing repeated texts once.
struct UserBlockBuilder {
    private var records: [UserRecord] = []
    private var names = NameList()
    private var texts = TextListBuilder()
    private var live = BlockMask()
    /// The index in `texts` of a text, by its hash.
    private var places: [UInt64: UInt16] = [:]
    private var passwords: [[UInt8]] = []
    private var attributes: [[UInt8]] = []
    private var passwordTimes: [Int64] = []
    private var expiries: [Int64] = []
    private var longIDs: [Int: Int] = [:]
    private var longAccounts: [Int: Int] = [:]

    var count: Int { records.count }

    init() {
        records.reserveCapacity(RowID.rowsPerBlock)
    }

    mutating func append(_ fields: UserView, cluster: ClusterNumber) {
        let row = records.count
        let id = PackedIdentifier(fields.id, prefix: PackedIdentifier.userPrefix)
        let account = PackedIdentifier(fields.account, prefix: PackedIdentifier.accountPrefix)
        // A dead row has no texts.
        let before = row > 0 && live[row - 1] ? records[row - 1] : nil
        var record = UserRecord(
            id: id.bits, account: account.bits, createTime: 0, updateTime: 0, revision: 0, uidNumber: 0, gidNumber: 0,
            cluster: cluster, mount: place(of: fields.nasMountPoint, like: before?.mount), home: 0,
            shell: place(of: fields.loginShell, like: before?.shell),
            gecos: place(of: fields.gecos, like: before?.gecos), mode: 0, flags: [])
        record.setNumbers(of: fields, cluster: cluster)
        (record.home, record.flags) = home(of: fields, like: before?.home, flags: record.flags)
        if !id.isComplete {
            record.flags.insert(.longID)
            longIDs[row] = Int(place(of: fields.id, like: nil))
        }
        if !account.isComplete {
            record.flags.insert(.longAccount)
            longAccounts[row] = Int(place(of: fields.account, like: nil))
        }
        names.append(fields.username)
        records.append(record)
        live[row] = true
        Self.record(fields.password, at: row, in: &passwords)
        Self.record(fields.attributes, at: row, in: &attributes)
        Self.record(fields.passwordTime, at: row, in: &passwordTimes)
        Self.record(fields.expires, at: row, in: &expiries)
    }

    /// Appends a row without a user, in place of a removed one.
    mutating func appendDead() {
        names.append(UnsafeBufferPointer(start: nil, count: 0))
        records.append(
            UserRecord(
                id: 0, account: 0, createTime: 0, updateTime: 0, revision: 0, uidNumber: 0, gidNumber: 0,
                cluster: .unused,
                mount: 0, home: 0, shell: 0, gecos: 0, mode: 0, flags: []))
    }

    private mutating func home(
        of fields: UserView, like before: UInt16?, flags: UserRecord.Flags
    ) -> (UInt16, UserRecord.Flags) {
        let (home, name) = (fields.homeDirectory, fields.username)
        let parent = home.count - name.count
        guard parent >= 0, let base = home.baseAddress,
            memoryIsEqual(base + parent, name.baseAddress, count: name.count)
        else { return (place(of: home, like: before), flags) }
        return (
            place(of: UnsafeBufferPointer(start: base, count: parent), like: before), flags.union(.homeEndsWithName)
        )
    }

    /// The index of a text in the list; a new text is appended.
    /// - Parameter before: the index that the previous row uses, whose text is usually the same.
    private mutating func place(of text: UnsafeBufferPointer<UInt8>, like before: UInt16?) -> UInt16 {
        if let before, texts.isText(text, at: Int(before)) { return before }
        // Two texts with the same hash displace each other here, and may then be stored repeatedly.
        let hash = FNV1a(text).hash
        if let place = places[hash], texts.isText(text, at: Int(place)) { return place }
        texts.append(text)
        let place = UInt16(texts.count - 1)
        places[hash] = place
        return place
    }

    private static func record(_ text: UnsafeBufferPointer<UInt8>, at row: Int, in texts: inout [[UInt8]]) {
        if text.isEmpty { return }
        texts.append(contentsOf: repeatElement([], count: row - texts.count))
        texts.append(Array(text))
    }

    private static func record(_ time: Timestamp?, at row: Int, in times: inout [Int64]) {
        guard let time else { return }
        times.append(contentsOf: repeatElement(SparseColumns.none, count: row - times.count))
        times.append(time.seconds)
    }

    private static func whole(_ times: [Int64], count: Int) -> [Int64] {
        times.isEmpty ? [] : times + repeatElement(SparseColumns.none, count: count - times.count)
    }

    func finish() -> UserBlock {
        var rare: SparseColumns?
        if !passwords.isEmpty || !attributes.isEmpty || !passwordTimes.isEmpty || !expiries.isEmpty || !longIDs.isEmpty
            || !longAccounts.isEmpty
        {
            func whole(_ texts: [[UInt8]]) -> TextList {
                var list = TextListBuilder()
                if !texts.isEmpty {
                    for row in records.indices { list.append(row < texts.count ? texts[row] : []) }
                }
                return TextList(list)
            }
            rare = SparseColumns(
                passwords: whole(passwords),
                attributes: attributes.isEmpty ? nil : AttributeColumn(whole(attributes)),
                passwordTimes: Self.whole(passwordTimes, count: records.count),
                expiries: Self.whole(expiries, count: records.count), longIDs: longIDs, longAccounts: longAccounts)
        }
        return UserBlock(records: records, names: names.block(), texts: TextList(texts), rare: rare, live: live)
    }
}
