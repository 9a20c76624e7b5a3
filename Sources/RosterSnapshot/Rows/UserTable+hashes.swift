import RosterModel

extension UserTable {
    func accountKey(of row: RowID) -> AccountKey {
        let record = self[row]
        guard record.flags.contains(.longAccount) else { return AccountKey(bits: record.account, text: "") }
        return AccountKey(
            bits: record.account,
            text: block(of: row).withAccount(row.index) { String(decoding: $0, as: UTF8.self) })
    }

    func precedesByAccount(_ left: RowID, _ right: RowID) -> Bool {
        let (first, second) = (accountKey(of: left), accountKey(of: right))
        return first != second ? first < second : left.number < right.number
    }

    func idHash(of row: RowID) -> UInt64 { RowHash.hash(self[row].id) }

    func uidHash(of row: RowID) -> UInt64 {
        let record = self[row]
        return RowHash.hash(record.uidNumber, in: record.cluster)
    }

    func nameHash(of row: RowID) -> UInt64 {
        RowHash.hash(block(of: row).names.name(row.index), in: self[row].cluster)
    }
}
