import RosterModel

/// The value of the control for paged results (RFC 2696).
///
///     realSearchControlValue ::= SEQUENCE { size INTEGER (0..maxInt), cookie OCTET STRING }
package struct PagedResults: Sendable, Equatable {
    package static let type = "1.2.840.113556.1.4.319"

    /// The maximum number of entries of the page; 0 ends the search.
    package let size: Int
    /// Empty at first, then the cookie of the previous response.
    package let cookie: ArraySlice<UInt8>

    /// A request for a page of `size` entries.
    package init(size: Int, cookie: [UInt8] = []) {
        self.size = size
        self.cookie = cookie[...]
    }

    /// Parses the value of the control.
    /// - Throws: `malformed`, also if the control has no value.
    package init(_ value: ArraySlice<UInt8>?) throws(BERError) {
        guard let value else { throw BERError(.malformed, "a control for pages without a value") }
        var components = try BERReader.components(ofSequence: value)
        size = try components.next().integer(in: 0...Int(Int32.max))
        cookie = try components.next().octetString()
    }
}
