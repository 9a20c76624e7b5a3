import NIOCore
import Roster

/// `GET /api/user`: the list of users (the contract; reference page, section 4).
struct ListUsers {
    let setName: UserSetName

    func answer(_ caller: Caller, into json: inout JSONWriter) throws(RosterError) {
        guard let zone = caller.zone else { throw .invalid("zone", "is missing") }
        let query = try UserQuery(caller.request, zone: zone)
        try caller.snapshot.page(query, scope: caller.scope).write(to: &json, named: setName)
    }
}

extension UserQuery {
    /// Reads the call's own parameters; an empty one counts as absent.
    /// - Throws: `invalidParameter` for the first that is malformed.
    fileprivate init(_ request: SignedRequest, zone: Zone) throws(RosterError) {
        func value(_ name: String) -> String? {
            request[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        self.init(zone: zone)
        if let text = value("cluster_id") { cluster = try ClusterID(text) }
        if let text = value("user_id") { account = try AccountID(text) }
        if let text = value("search_word") { searchWord = try Self.searchWord(text) }
        if let text = value("limit") { limit = min(try Self.count(text, name: "limit"), Self.maximumLimit) }
        if let text = value("offset") { offset = try Self.count(text, name: "offset") }
        if let text = value("sort_key") { sortKey = try Self.sortKey(text) }
        switch value("reverse") {
        case nil, "0": isReversed = false
        case "1": isReversed = true
        default: throw .invalid("reverse", "must be 0 or 1")
        }
    }

    private static func searchWord(_ text: String) throws(RosterError) -> String {
        guard text.utf8.count <= 256 else { throw .invalid("search_word", "is longer than 256 bytes") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw .invalid("search_word", "holds a control character")
        }
        return text
    }

    /// A decimal integer from 0 to 2^63-1.
    private static func count(_ text: String, name: String) throws(RosterError) -> Int {
        guard text.utf8.allSatisfy(\.isDigit), let count = Int(text)
        else {
            throw .invalid(name, "is not a decimal integer from 0 to 9223372036854775807")
        }
        return count
    }

    private static func sortKey(_ text: String) throws(RosterError) -> SortKey {
        switch text {
        case "create_time": .createTime
        case "update_time": .updateTime
        case "username": .username
        case "uid_number": .uidNumber
        default: throw .invalid("sort_key", "must be create_time, update_time, username or uid_number")
        }
    }
}
