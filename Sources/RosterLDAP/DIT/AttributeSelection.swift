import RosterModel

/// The attributes of an entry that a client requests (RFC 4511 section 4.5.1.8).
struct AttributeSelection: Sendable, Equatable {
    private var types = AttributeSet()
    /// Whether only names are requested, without values.
    let typesOnly: Bool

    /// - Parameter names: OCTET STRINGs. An empty list, or `*`, selects all user attributes; `+` all operational ones
    ///   (RFC 3673); `1.1` alone selects none. Unknown names are ignored.
    init(_ names: ArraySlice<UInt8>, typesOnly: Bool) {
        self.typesOnly = typesOnly
        if names.isEmpty { types = Schema.standard.readableAttributes }
        var selectors = try? BERReader(names)
        while let name = try? selectors?.next().octetString() {
            if name.elementsEqual("*".utf8) {
                types.formUnion(Schema.standard.readableAttributes)
            } else if name.elementsEqual("+".utf8) {
                types.formUnion(Schema.standard.operationalAttributes)
            } else if let type = AttributeType(name), type != .userPassword {
                types.insert(type)
                for subtype in type.subtypes { types.insert(subtype) }
            }
        }
    }

    /// Selects these attributes, with their values.
    init(_ types: [AttributeType]) {
        typesOnly = false
        for type in types { self.types.insert(type) }
    }

    func contains(_ type: AttributeType) -> Bool { types.contains(type) }
}
