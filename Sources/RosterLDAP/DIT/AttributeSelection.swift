import RosterModel

/// The attributes of an entry that a client requests (RFC 4511 section 4.5.1.8).
struct AttributeSelection: Sendable {
    private var types = AttributeSet()
    /// The requested attributes that the site declares.
    private(set) var declared: [UserAttribute] = []
    /// The attributes that users can have.
    let catalog: AttributeCatalog
    /// Whether only names are requested, without values.
    let typesOnly: Bool

    /// - Parameter names: OCTET STRINGs. An empty list, or `*`, selects all user attributes; `+` all operational ones
    ///   (RFC 3673); `1.1` alone selects none. Unknown names are ignored.
    init(_ names: ArraySlice<UInt8>, typesOnly: Bool, catalog: AttributeCatalog) {
        self.typesOnly = typesOnly
        self.catalog = catalog
        if names.isEmpty {
            types = Schema.standard.readableAttributes
            declared = catalog.declared
        }
        var selectors = try? BERReader(names)
        while let name = try? selectors?.next().octetString() {
            if name.elementsEqual("*".utf8) {
                types.formUnion(Schema.standard.readableAttributes)
                declared = catalog.declared
            } else if let attribute = catalog.declaredAttribute(named: name) {
                if !declared.contains(attribute) { declared.append(attribute) }
            } else if name.elementsEqual("+".utf8) {
                types.formUnion(Schema.standard.operationalAttributes)
            } else if let type = AttributeType(name), type != .userPassword {
                types.insert(type)
                for subtype in type.subtypes { types.insert(subtype) }
            }
        }
    }

    /// Selects these attributes, with their values.
    init(_ types: [AttributeType], declared: [UserAttribute], catalog: AttributeCatalog) {
        typesOnly = false
        self.catalog = catalog
        self.declared = declared
        for type in types { self.types.insert(type) }
    }

    func contains(_ type: AttributeType) -> Bool { types.contains(type) }
}
