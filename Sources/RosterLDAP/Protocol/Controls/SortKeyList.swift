import RosterModel

/// The keys by which to sort the entries of a search (RFC 2891).
///
///     SortKeyList ::= SEQUENCE OF SEQUENCE {
///         attributeType AttributeDescription,
///         orderingRule  [0] MatchingRuleId OPTIONAL,
///         reverseOrder  [1] BOOLEAN DEFAULT FALSE }
package struct SortKeyList: Sendable, Equatable {
    /// The type of the request control.
    package static let type = "1.2.840.113556.1.4.473"
    /// The maximum number of keys.
    package static let maximumKeys = 16

    /// One key to sort by.
    package struct Key: Sendable, Equatable {
        package let attribute: ArraySlice<UInt8>
        package let rule: ArraySlice<UInt8>?
        package let isReversed: Bool
    }

    /// At least one.
    package let keys: [Key]

    /// Parses the value of the control.
    /// - Throws: `malformed`; `tooComplex` beyond `maximumKeys`.
    package init(_ value: ArraySlice<UInt8>?) throws(BERError) {
        guard let value else { throw BERError(.malformed, "a control for sorting without a value") }
        var list = try BERReader.components(ofSequence: value)
        var keys: [Key] = []
        while !list.isAtEnd {
            guard keys.count < Self.maximumKeys else { throw BERError(.tooComplex, "too many keys to sort by") }
            let element = try list.next()
            guard element.tag == 0x30 else { throw BERError(.malformed, "a sequence was expected") }
            var components = try element.components()
            keys.append(
                Key(
                    attribute: try components.next().octetString(),
                    rule: try components.next(ifTagged: 0x80)?.octets(),
                    isReversed: try components.next(ifTagged: 0x81)?.boolean() ?? false))
        }
        guard !keys.isEmpty else { throw BERError(.malformed, "no key to sort by") }
        self.keys = keys
    }
}

/// The outcome of sorting.
///
///     SortResult ::= SEQUENCE {
///         sortResult    ENUMERATED { success (0), … },
///         attributeType [0] AttributeDescription OPTIONAL }
package struct SortResult: Sendable, Equatable {
    /// The type of the response control.
    package static let type = "1.2.840.113556.1.4.474"

    package let code: ResultCode
    /// The attribute that cannot be a sort key.
    package let attribute: ArraySlice<UInt8>?

    /// The outcome `code`, and the attribute that caused it.
    package init(_ code: ResultCode, attribute: ArraySlice<UInt8>? = nil) {
        self.code = code
        self.attribute = attribute
    }
}
