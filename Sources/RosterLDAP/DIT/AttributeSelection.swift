import RosterModel

/// Which attributes of an entry a client wants (RFC 4511 section 4.5.1.8).
struct AttributeSelection: Sendable, Equatable {
    /// A bit for each `AttributeType`.
    private var types: UInt64 = 0
    /// Whether names alone are wanted, without values.
    let typesOnly: Bool

    /// - Parameter names: OCTET STRINGs. None, or `*`, is all user attributes; `+` all operational ones (RFC 3673); `1.1`
    ///   alone is none. What is not known is passed over.
    init(_ names: ArraySlice<UInt8>, typesOnly: Bool) {
        self.typesOnly = typesOnly
        if names.isEmpty { types = Self.user }
        var selectors = try? BERReader(names)
        while let name = try? selectors?.next().octetString() {
            if name.elementsEqual("*".utf8) {
                types |= Self.user
            } else if name.elementsEqual("+".utf8) {
                types |= Self.operational
            } else if let type = AttributeType(name), type != .userPassword {
                types |= 1 << UInt64(type.rawValue)
            }
        }
    }

    func contains(_ type: AttributeType) -> Bool { types >> UInt64(type.rawValue) & 1 == 1 }

    private static let user = bits { !$0.isOperational }
    private static let operational = bits(where: \.isOperational)

    private static func bits(where isIn: (AttributeType) -> Bool) -> UInt64 {
        AttributeType.allCases.reduce(0) { $0 | (isIn($1) && $1 != .userPassword ? 1 << UInt64($1.rawValue) : 0) }
    }
}
