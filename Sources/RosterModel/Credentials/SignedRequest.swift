/// An API request as received: everything that its signature covers, and its decoded query.
///
/// The raw query is parsed here and not by a framework, whose parser would hide malformed escapes and duplicate names
/// (reference page, section 2).
package struct SignedRequest: Sendable {
    package let method: String
    /// The path as received, without the query.
    package let path: String
    /// The query exactly as received, without the `?`.
    package let rawQuery: String
    /// The exact bytes of the body. Set only after the query has parsed, so that no body is read for a malformed query.
    package var body: [UInt8]
    /// Every decoded pair in order of arrival: `%XX` is a byte, `+` a space.
    package let parameters: [Parameter]

    /// A name and a value of the query, decoded.
    package struct Parameter: Sendable, Equatable {
        package let name: String
        package let value: String
        /// The bytes of the pair in `rawQuery.utf8`; empty for a pair that was not received.
        package let range: Range<Int>

        /// Creates a parameter; without `range`, one that was not received.
        package init(name: String, value: String, range: Range<Int> = 0..<0) {
            self.name = name
            self.value = value
            self.range = range
        }
    }

    /// More pairs than any API call uses, and few enough to compare each with all others.
    package static let maximumParameters = 64

    /// Parses the query of a request.
    /// - Throws: `invalidParameter` if an escape is malformed, a name or value is not UTF-8, a name is empty or occurs
    ///   twice, or there are more than 64 pairs.
    package init(method: String, path: String, rawQuery: String, body: [UInt8] = []) throws(RosterError) {
        self.method = method
        self.path = path
        self.rawQuery = rawQuery
        self.body = body
        parameters = try Self.parse(rawQuery)
    }

    /// The decoded value of a parameter, which may be empty; nil if it is absent.
    package subscript(name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    private static func parse(_ query: String) throws(RosterError) -> [Parameter] {
        var parameters: [Parameter] = []
        parameters.reserveCapacity(16)
        let bytes = Array(query.utf8)
        var start = 0
        while start <= bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "&") { end += 1 }
            if start < end {
                guard parameters.count < maximumParameters else {
                    throw RosterError(.invalidParameter, "the query has more than \(maximumParameters) parameters")
                }
                parameters.append(try pair(bytes[start..<end], after: parameters))
            }
            start = end + 1
        }
        return parameters
    }

    private static func pair(
        _ bytes: ArraySlice<UInt8>, after others: [Parameter]
    ) throws(RosterError) -> Parameter {
        let split = bytes.firstIndex(of: UInt8(ascii: "=")) ?? bytes.endIndex
        guard let name = decode(bytes[..<split]), !name.isEmpty else {
            throw RosterError(
                .invalidParameter, "the name of a parameter is empty, not UTF-8 or has a malformed escape")
        }
        guard let value = decode(bytes[split...].dropFirst()) else {
            throw .invalid(sanitizedForDisplay(name), "is not UTF-8 or has a malformed escape")
        }
        for other in others where other.name.utf8.count == name.utf8.count {
            if other.name.utf8.elementsEqual(name.utf8) {
                throw .invalid(sanitizedForDisplay(name), "is present twice")
            }
        }
        return Parameter(name: name, value: value, range: bytes.startIndex..<bytes.endIndex)
    }

    private static func sanitizedForDisplay(_ name: String) -> String {
        name.utf8.count > 64 ? "a parameter with a long name" : name.sanitizedForDisplay()
    }

    /// Decodes a part of a query; nil if an escape is malformed or the bytes are not UTF-8.
    package static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = true) -> String? {
        // Most parts of queries have nothing to decode.
        let isPlain = bytes.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: "+") }
        if isPlain { return bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.endIndex, let high = Hex.value(bytes[index + 1]),
                    let low = Hex.value(bytes[index + 2])
                else { return nil }
                decoded.append(high << 4 | low)
                index += 3
            case UInt8(ascii: "+") where plusIsSpace:
                decoded.append(UInt8(ascii: " "))
                index += 1
            case let byte:
                decoded.append(byte)
                index += 1
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }
}
