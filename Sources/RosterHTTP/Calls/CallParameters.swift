import RosterModel

/// The call's own parameters in the query. An empty parameter counts as absent.
struct CallParameters {
    private let request: SignedRequest

    init(_ request: SignedRequest) {
        self.request = request
    }

    subscript(name: String) -> String? {
        request[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Calls `body` with the name and value of each nonempty parameter.
    func forEach(_ body: (_ name: String, _ value: String) throws(RosterError) -> Void) throws(RosterError) {
        for parameter in request.parameters where !parameter.value.isEmpty {
            try body(parameter.name, parameter.value)
        }
    }

    /// A decimal integer from 0 to 2^63-1.
    /// - Throws: `invalidParameter` if it is anything else.
    func count(_ name: String) throws(RosterError) -> Int? {
        guard let text = self[name] else { return nil }
        return Int(try ParameterParsing.count(text, name: name))
    }

    /// The maximum number of elements of a page. The server lowers a limit above `UserQuery.maximumLimit` without an
    /// error.
    /// - Throws: `invalidParameter` if it is not a count.
    fileprivate func limit() throws(RosterError) -> Int {
        min(try count("limit") ?? UserQuery.defaultLimit, UserQuery.maximumLimit)
    }

    /// - Throws: `invalidParameter` if it is neither 0 nor 1.
    func flag(_ name: String) throws(RosterError) -> Bool {
        switch self[name] {
        case nil, "0": return false
        case "1": return true
        default: throw .invalid(name, "must be 0 or 1")
        }
    }

    /// A literal substring of a name: at most 256 bytes without control characters.
    /// - Throws: `invalidParameter` if it is anything else.
    func searchWord() throws(RosterError) -> String? {
        guard let text = self["search_word"] else { return nil }
        guard text.utf8.count <= 256 else { throw .invalid("search_word", "is longer than 256 bytes") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw .invalid("search_word", "holds a control character")
        }
        return text
    }

    /// The value for one of a few words.
    /// - Throws: `invalidParameter` that lists them.
    func choice<Value>(_ name: String, of values: KeyValuePairs<String, Value>) throws(RosterError) -> Value? {
        guard let text = self[name] else { return nil }
        return try ParameterParsing.choice(text, name: name, among: values)
    }

    /// - Throws: `invalidParameter` if it is not a time in the API's form.
    func time(_ name: String) throws(RosterError) -> Timestamp? {
        guard let text = self[name] else { return nil }
        return try ParameterParsing.time(text, name: name)
    }

    /// The words of a list, separated by commas or spaces; at most 100.
    /// - Throws: `invalidParameter` if there are more.
    func words(_ name: String) throws(RosterError) -> [String] {
        let words = (self[name] ?? "").split { $0 == "," || $0 == " " }.map(String.init)
        guard words.count <= 100 else { throw .invalid(name, "names more than 100") }
        return words
    }
}

/// The parameters of one page of a list, which all lists share.
struct PageParameters {
    /// Whether the list is reversed, rows with equal keys included.
    let isReversed: Bool
    /// The maximum number of elements of the page.
    let limit: Int
    /// How many elements precede the page.
    let offset: Int

    /// - Throws: `invalidParameter` for the first malformed parameter.
    init(_ parameters: CallParameters) throws(RosterError) {
        isReversed = try parameters.flag("reverse")
        limit = try parameters.limit()
        offset = try parameters.count("offset") ?? 0
    }
}
