import RosterModel

/// The call's own parameters in the query. An empty one counts as absent.
struct CallParameters {
    private let request: SignedRequest

    init(_ request: SignedRequest) {
        self.request = request
    }

    subscript(name: String) -> String? {
        request[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A decimal integer from 0 to 2^63-1.
    /// - Throws: `invalidParameter` where it is anything else.
    func count(_ name: String) throws(RosterError) -> Int? {
        guard let text = self[name] else { return nil }
        guard text.utf8.allSatisfy(\.isDigit), let count = Int(text) else {
            throw .invalid(name, "is not a decimal integer from 0 to 9223372036854775807")
        }
        return count
    }

    /// How many elements a page has: more than the API allows is not an error, fewer come back.
    /// - Throws: `invalidParameter` where it is no count.
    func limit() throws(RosterError) -> Int {
        min(try count("limit") ?? UserQuery.defaultLimit, UserQuery.maximumLimit)
    }

    /// - Throws: `invalidParameter` where it is neither 0 nor 1.
    func isReversed() throws(RosterError) -> Bool {
        switch self["reverse"] {
        case nil, "0": return false
        case "1": return true
        default: throw .invalid("reverse", "must be 0 or 1")
        }
    }

    /// A literal part of a name: at most 256 bytes without control characters.
    /// - Throws: `invalidParameter` where it is anything else.
    func searchWord() throws(RosterError) -> String? {
        guard let text = self["search_word"] else { return nil }
        guard text.utf8.count <= 256 else { throw .invalid("search_word", "is longer than 256 bytes") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw .invalid("search_word", "holds a control character")
        }
        return text
    }

    /// One of a few words.
    /// - Throws: `invalidParameter` that lists them.
    func choice<Value>(_ name: String, of values: KeyValuePairs<String, Value>) throws(RosterError) -> Value? {
        guard let text = self[name] else { return nil }
        guard let found = values.first(where: { $0.key == text }) else {
            throw .invalid(name, "must be one of \(values.map(\.key).joined(separator: ", "))")
        }
        return found.value
    }

    /// - Throws: `invalidParameter` where it is no time of the API.
    func time(_ name: String) throws(RosterError) -> Timestamp? {
        guard let text = self[name] else { return nil }
        guard let time = Timestamp(iso8601: text) else {
            throw .invalid(name, "is not a time in UTC of the form YYYY-MM-DDThh:mm:ssZ")
        }
        return time
    }

    /// The words of a list, separated by commas or spaces; at most 100.
    /// - Throws: `invalidParameter` where there are more.
    func words(_ name: String) throws(RosterError) -> [String] {
        let words = (self[name] ?? "").split { $0 == "," || $0 == " " }.map(String.init)
        guard words.count <= 100 else { throw .invalid(name, "names more than 100") }
        return words
    }
}
