import RosterModel

/// The fixed-size fields of a user: 64 bytes, a cache line. Texts are in the block's lists.
struct UserRecord: Sendable {
    /// `PackedIdentifier.bits` of the user and of the account.
    var id: UInt64
    var account: UInt64
    /// Seconds, as in `Timestamp`.
    var createTime: Int64
    var updateTime: Int64
    var revision: Int64
    var uidNumber: UInt32
    var gidNumber: UInt32
    var cluster: ClusterNumber
    /// Indexes in the block's list of texts.
    var mount: UInt16
    /// The whole path, or the part before the name if `homeEndsWithName`.
    var home: UInt16
    var shell: UInt16
    var gecos: UInt16
    /// The bits of the mode; `noMode` if there is none.
    var mode: UInt16
    var flags: Flags

    static let noMode = UInt16.max

    struct Flags: OptionSet, Sendable {
        let rawValue: UInt16

        static let admin = Flags(rawValue: 1)
        static let boss = Flags(rawValue: 2)
        static let locked = Flags(rawValue: 4)
        /// The home ends with the username, which is then not stored twice.
        static let homeEndsWithName = Flags(rawValue: 8)
        /// The identifier does not fit into eight bytes, so its text is in the block's list.
        static let longID = Flags(rawValue: 16)
        static let longAccount = Flags(rawValue: 32)
    }

    /// The largest index of its texts.
    var lastText: Int { Int(max(max(mount, home), max(shell, gecos))) }

    var role: Role { flags.contains(.boss) ? .boss : flags.contains(.admin) ? .admin : .member }
    var fileMode: FileMode? { mode == Self.noMode ? nil : FileMode(bits: mode) }
    var state: User.State { flags.contains(.locked) ? .locked : .active }
}

/// The attributes of a block's rows, and those values that are searched for words.
final class AttributeColumn: Sendable {
    /// By row, the text of `UserAttributes`; empty if there are none.
    let texts: TextList
    /// By row, the full names and the mail addresses, each followed by a line feed, which no search word contains. Nil
    /// if no row has any.
    let fullNames: NameBlock?
    let mails: NameBlock?

    init(_ texts: TextList) {
        self.texts = texts
        fullNames = Self.values(of: .fullName, in: texts)
        mails = Self.values(of: .mail, in: texts)
    }

    private static func values(of attribute: UserAttribute, in texts: TextList) -> NameBlock? {
        var names = NameList()
        var values: [UInt8] = []
        var isEmpty = true
        for row in 0..<texts.count {
            values.removeAll(keepingCapacity: true)
            UserAttributes.forEachValue(of: attribute, in: texts[row]) { value in
                values += value
                values.append(UInt8(ascii: "\n"))
                return true
            }
            if !values.isEmpty { isEmpty = false }
            values.withUnsafeBufferPointer { names.append($0) }
        }
        return isEmpty ? nil : names.block()
    }
}

/// Fields that only some users have. A block in which no user has any of them has no such object.
final class SparseColumns: Sendable {
    /// By row; empty if there is none.
    let passwords: TextList
    /// Nil if no row has any.
    let attributes: AttributeColumn?
    /// By row, in seconds; `none` if there is none.
    let passwordTimes: [Int64]
    let expiries: [Int64]
    /// By row, the index of a long identifier in the block's list of texts.
    let longIDs: [Int: Int]
    let longAccounts: [Int: Int]

    static let none = Int64.min

    init(
        passwords: TextList, attributes: AttributeColumn?, passwordTimes: [Int64], expiries: [Int64],
        longIDs: [Int: Int],
        longAccounts: [Int: Int]
    ) {
        self.passwords = passwords
        self.attributes = attributes
        self.passwordTimes = passwordTimes
        self.expiries = expiries
        self.longIDs = longIDs
        self.longAccounts = longAccounts
    }

    /// Whether each list has one element for each of `rows` rows, or none at all.
    func fits(rows: Int) -> Bool {
        func fits(_ count: Int) -> Bool { count == 0 || count == rows }
        return fits(passwords.count) && fits(attributes?.texts.count ?? 0) && fits(passwordTimes.count)
            && fits(expiries.count)
    }

    /// A copy with those of `fields` for the row; long identifiers are unchanged.
    /// - Parameter before: nil if no row has any of these fields.
    static func replacing(_ before: SparseColumns?, _ row: Int, of count: Int, with fields: UserView) -> SparseColumns?
    {
        func changed(_ times: [Int64], _ time: Timestamp?) -> [Int64] {
            if times.isEmpty, time == nil { return times }
            var times = times.isEmpty ? Array(repeating: none, count: count) : times
            times[row] = time?.seconds ?? none
            return times
        }
        func changed(_ texts: TextList, _ text: UserView.Text) -> TextList {
            func present(_ row: Int) -> UserView.Text {
                texts.count > 0 ? texts[row] : UnsafeBufferPointer(start: nil, count: 0)
            }
            if present(row).elementsEqual(text) { return texts }
            var list = TextListBuilder()
            for other in 0..<count { list.append(other == row ? text : present(other)) }
            return TextList(list)
        }
        var attributes = before?.attributes
        let texts = changed(attributes?.texts ?? .empty, fields.attributes)
        if texts !== attributes?.texts, texts.count > 0 { attributes = AttributeColumn(texts) }
        return SparseColumns(
            passwords: changed(before?.passwords ?? .empty, fields.password),
            attributes: attributes,
            passwordTimes: changed(before?.passwordTimes ?? [], fields.passwordTime),
            expiries: changed(before?.expiries ?? [], fields.expires), longIDs: before?.longIDs ?? [:],
            longAccounts: before?.longAccounts ?? [:])
    }
}
