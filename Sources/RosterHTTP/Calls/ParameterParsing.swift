import RosterModel

/// How the API parses times, counts and choices, anywhere in a request.
enum ParameterParsing {
    /// - Throws: `invalidParameter` if `text` is not a UTC time in the API's form.
    static func time(_ text: String, name: String) throws(RosterError) -> Timestamp {
        guard let time = Timestamp(iso8601: text) else {
            throw .invalid(name, "is not a time in UTC of the form YYYY-MM-DDThh:mm:ssZ")
        }
        return time
    }

    /// A decimal integer from 0 to 2^63-1.
    /// - Throws: `invalidParameter` if `text` is anything else.
    static func count(_ text: String, name: String) throws(RosterError) -> Int64 {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit), let count = Int64(text) else {
            throw .invalid(name, "is not a decimal integer from 0 to 9223372036854775807")
        }
        return count
    }

    /// - Throws: `invalidParameter`, which lists all words, if `text` is not one of them.
    static func choice<Value>(
        _ text: String, name: String, among values: some Sequence<(key: String, value: Value)>
    ) throws(RosterError) -> Value {
        guard let found = values.first(where: { $0.key == text }) else {
            throw .invalid(name, "must be one of \(values.map(\.key).joined(separator: ", "))")
        }
        return found.value
    }
}
