import RosterModel

/// One entry of LDIF, as far as Roster reads it. Nothing is checked, except that values are text when read as such.
struct LDIFEntry {
    /// The line of its `dn:`.
    private(set) var line = 0
    private(set) var distinguishedName: ArraySlice<UInt8> = []
    /// Whether one of its lines has a fault, so that the entry is not imported.
    var isDamaged = false
    private(set) var values: [Value] = []
    /// The values of attributes that neither users nor groups have, by their names with options.
    private(set) var otherValues: [(line: Int, name: ArraySlice<UInt8>, bytes: ArraySlice<UInt8>)] = []
    /// The names of attributes that Roster does not read for users and groups, one for each value.
    var unknownNames: [ArraySlice<UInt8>] { otherValues.map(\.name) }

    /// A value, decoded.
    struct Value {
        /// The line where it starts.
        let line: Int
        let name: LDIFName
        /// Whether the name had options.
        let hasOptions: Bool
        /// The name as in the file, with its options.
        let description: ArraySlice<UInt8>
        let bytes: ArraySlice<UInt8>
    }

    /// Starts a new entry.
    mutating func begin(line: Int, distinguishedName: ArraySlice<UInt8>) {
        self.line = line
        self.distinguishedName = distinguishedName
        isDamaged = false
        values.removeAll(keepingCapacity: true)
        otherValues.removeAll(keepingCapacity: true)
    }

    mutating func add(unknown attribute: LDIFAttribute, line: Int) {
        otherValues.append((line, attribute.description, attribute.value))
    }

    mutating func add(_ value: Value) {
        values.append(value)
    }

    /// The values of an attribute without options, or, if there are none, those with options (`cn;lang-zh`).
    func values(of name: LDIFName) -> [Value] {
        // By index, here and below: iterating over the values would copy each of them.
        let all = values.indices.filter { values[$0].name == name }
        let plain = all.filter { !values[$0].hasOptions }
        return (plain.isEmpty ? all : plain).map { values[$0] }
    }

    /// The names of values that are not imported: of unread attributes, and of values with options next to one without.
    var unreadNames: [ArraySlice<UInt8>] {
        guard values.contains(where: \.hasOptions) else { return unknownNames }
        let plain = Set(values.lazy.filter { !$0.hasOptions }.map(\.name))
        return unknownNames
            + values.filter { $0.hasOptions && plain.contains($0.name) && $0.name != .account(.objectClass) }.map(
                \.description)
    }

    /// The names of a group's values that are not imported.
    var unreadNamesOfGroup: [ArraySlice<UInt8>] {
        unreadNames
            + values.filter { !$0.hasOptions && $0.name.isOfPerson && $0.name != .person(.fullName) }.map(\.description)
    }

    /// The value of a single-valued attribute; nil if it has none.
    /// - Throws: if it has several different values.
    func single(_ name: LDIFName) throws(LDIFError) -> Value? {
        var first: Int?
        for index in values.indices where values[index].name == name {
            let hasOptions = values[index].hasOptions
            guard let known = first, values[known].hasOptions == hasOptions else {
                if first == nil || !hasOptions { first = index }
                continue
            }
            // Each language may have a value of its own; any of them will do.
            guard hasOptions || values[index].bytes == values[known].bytes else {
                throw LDIFError(line: values[index].line, "\(name.text): a second, different value")
            }
        }
        return first.map { values[$0] }
    }

    /// The value of a naming attribute such as `uid` or `cn`, which may have several: the one in the entry's own RDN,
    /// otherwise the first. Nil if there is none.
    /// - Throws: if a value is not text.
    func naming(_ name: LDIFName, in relativeName: DistinguishedName.RelativeName) throws(LDIFError) -> String? {
        let values = values(of: name)
        guard values.count > 1 else { return try values.first?.text() }
        let keys = Set(relativeName.filter(\.isUserName).map { Username.key(of: $0.value) })
        for value in values {
            if let text = try value.text(), keys.contains(Username.key(of: text)) { return text }
        }
        return try values.first?.text()
    }

    /// Whether the entry has this object class, ignoring ASCII case.
    func isOf(objectClass: String) -> Bool {
        values.indices.contains { index in
            values[index].name == .account(.objectClass)
                && values[index].bytes.equalsIgnoringASCIICase(objectClass.utf8)
        }
    }
}

extension LDIFEntry.Value {
    /// The value as text; nil if it is empty.
    func text() throws(LDIFError) -> String? {
        guard !bytes.isEmpty else { return nil }
        guard !bytes.contains(0) else { throw LDIFError(line: line, "\(name.text): \(TextError.nul)") }
        guard let text = bytes.text else {
            throw LDIFError(line: line, "\(name.text): \(TextError.notUTF8)")
        }
        return text
    }
}

extension DistinguishedName.Attribute {
    var isUserName: Bool {
        let name = LDIFName(Array(name.utf8)[...])
        return name == .account(.uid) || name == .person(.fullName)
    }
}
