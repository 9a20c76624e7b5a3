import RosterModel

/// Up to `RowID.rowsPerBlock` users in a few buffers. A table copies a whole block to change one of its users.
final class UserBlock: @unchecked Sendable {
    // Unchecked: only the initializer writes the memory behind the pointers, which lives as long as the block.

    /// The number of rows, with and without a user.
    let count: Int
    private let records: UnsafeMutablePointer<UserRecord>
    let names: NameBlock
    let texts: TextList
    let rare: SparseColumns?
    /// The rows with a user; the other rows are left over from removed users.
    let live: BlockMask
    /// The words of `live`, for access one by one.
    let liveWords: UnsafePointer<UInt64>
    /// The cluster of all live rows, if there is only one.
    let soleCluster: ClusterNumber?

    init(records: some Collection<UserRecord>, names: NameBlock, texts: TextList, rare: SparseColumns?, live: BlockMask)
    {
        count = records.count
        // A record refers to the lists beside it by index.
        precondition(count <= RowID.rowsPerBlock, "a block has more rows than a number can tell apart")
        precondition(names.count == count, "a block has a name for each row")
        precondition(rare?.fits(rows: count) ?? true, "a list of a block is for other rows")
        self.records = .allocate(capacity: count)
        _ = UnsafeMutableBufferPointer(start: self.records, count: count).initialize(fromContentsOf: records)
        self.names = names
        self.texts = texts
        self.rare = rare
        self.live = live
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: BlockMask.wordCount)
        for index in 0..<BlockMask.wordCount { words[index] = live.words[index] }
        liveWords = UnsafePointer(words)
        var cluster: ClusterNumber?
        var isSole = true
        for index in 0..<count where live[index] {
            if let cluster, cluster != self.records[index].cluster { isSole = false }
            cluster = self.records[index].cluster
            precondition(self.records[index].lastText < texts.count, "a text's place is in another list")
        }
        soleCluster = isSole ? cluster : nil
    }

    deinit {
        records.deallocate()
        liveWords.deallocate()
    }

    subscript(row: Int) -> UserRecord {
        // Nothing else checks accesses through the pointer.
        precondition((0..<count).contains(row), "a row is of another block")
        return records[row]
    }

    private var allRecords: UnsafeBufferPointer<UserRecord> { UnsafeBufferPointer(start: records, count: count) }

    static let empty = UserBlock(
        records: [], names: NameList().block(), texts: .empty, rare: nil, live: BlockMask())

    var liveCount: Int { live.count }

    /// Whether there is room to append a row.
    var hasRoom: Bool { count < RowID.rowsPerBlock }

    /// The first row whose user was removed.
    var firstDead: Int? { (0..<count).first { !live[$0] } }

    /// A copy without the user at `index`.
    func removing(_ index: Int) -> UserBlock {
        precondition(live[index], "a row without a user has nobody to remove")
        var live = live
        live[index] = false
        return UserBlock(records: allRecords, names: names, texts: texts, rare: rare, live: live)
    }

    /// A copy with the user at `index`, which is an existing row or the next one.
    func upserting(_ fields: UserView, cluster: ClusterNumber, at index: Int) -> UserBlock {
        precondition(index <= count, "a block is filled row by row")
        if index < count, live[index], let record = record(fields, cluster: cluster, replacing: index) {
            // As in most changes, no text of the record has changed.
            var records = Array(allRecords)
            records[index] = record
            let isSame =
                expires(index) == fields.expires && passwordTime(index) == fields.passwordTime
                && password(index).elementsEqual(fields.password)
                && attributes(index).elementsEqual(fields.attributes)
            let rare = isSame ? rare : SparseColumns.replacing(rare, index, of: count, with: fields)
            return UserBlock(records: records, names: names, texts: texts, rare: rare, live: live)
        }
        var builder = UserBlockBuilder()
        for row in 0..<max(count, index + 1) {
            if row == index {
                builder.append(fields, cluster: cluster)
            } else if live[row] {
                withFields(row, cluster: ClusterID(stored: "")) { builder.append($0, cluster: records[row].cluster) }
            } else {
                builder.appendDead()
            }
        }
        return builder.finish()
    }

    /// The record at `index` with the numbers of `fields`; nil if any of its texts differs.
    private func record(_ fields: UserView, cluster: ClusterNumber, replacing index: Int) -> UserRecord? {
        withFields(index, cluster: ClusterID(stored: "")) { before -> UserRecord? in
            func isSame(_ text: KeyPath<UserView, UserView.Text>) -> Bool {
                let (left, right) = (before[keyPath: text], fields[keyPath: text])
                return left.count == right.count
                    && memoryIsEqual(left.baseAddress, right.baseAddress, count: left.count)
            }
            guard isSame(\.username), isSame(\.id), isSame(\.account), isSame(\.nasMountPoint),
                isSame(\.homeDirectory), isSame(\.loginShell), isSame(\.gecos)
            else { return nil }
            var record = records[index]
            record.setNumbers(of: fields, cluster: cluster)
            return record
        }
    }
}

extension UserRecord {
    /// Copies all fields that are not text.
    mutating func setNumbers(of fields: UserView, cluster: ClusterNumber) {
        createTime = fields.createTime.seconds
        updateTime = fields.updateTime.seconds
        revision = fields.revision.number
        uidNumber = fields.uidNumber
        gidNumber = fields.gidNumber
        self.cluster = cluster
        mode = fields.mode?.bits ?? Self.noMode
        flags.remove([.admin, .boss, .locked])
        if fields.role == .admin { flags.insert(.admin) }
        if fields.role == .boss { flags.insert(.boss) }
        if fields.state == .locked { flags.insert(.locked) }
    }
}
