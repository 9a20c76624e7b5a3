import RosterModel

/// What Roster reads at the start of a line of LDIF: words of the format itself, and the attributes that make a user
/// or group.
enum LDIFName: String, CaseIterable {
    case version
    case distinguishedName = "dn"
    case control
    case changeType = "changetype"
    /// ldapsearch ends its output with `search: 2` and `result: 0 Success`.
    case search
    case result

    case objectClass
    case uid
    case commonName = "cn"
    case uidNumber
    case gidNumber
    case memberUid
    case homeDirectory
    case loginShell
    case gecos
    case description
    case createTimestamp
    case modifyTimestamp
    case userPassword

    /// The name that these bytes mean, in any case of letters, without options; nil where Roster does not read it.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count < Self.byLength.count else { return nil }
        for (spelling, name) in Self.byLength[bytes.count]
        where zip(spelling, bytes).allSatisfy({ $0 == $1.asciiLowercased }) {
            self = name
            return
        }
        return nil
    }

    /// The spellings of all names in small letters, by how long they are: nearly every line's name is told apart by
    /// that.
    private static let byLength: [[(spelling: [UInt8], name: LDIFName)]] = {
        let aliases: [(String, LDIFName)] = [("userid", .uid), ("commonName", .commonName)]
        let spellings = allCases.map { ($0.rawValue, $0) } + aliases
        let longest = spellings.map(\.0.utf8.count).max() ?? 0
        var table = [[(spelling: [UInt8], name: LDIFName)]](repeating: [], count: longest + 1)
        for (text, name) in spellings {
            table[text.utf8.count].append((text.utf8.map(\.asciiLowercased), name))
        }
        return table
    }()
}
