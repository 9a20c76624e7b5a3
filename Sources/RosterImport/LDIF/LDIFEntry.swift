import RosterModel

/// One entry of LDIF as its lines give it, as far as Roster reads it. It checks nothing but whether values are text.
struct LDIFEntry {
    /// The line of its `dn:`.
    private(set) var line = 0
    private(set) var distinguishedName: ArraySlice<UInt8> = []
    /// Whether one of its lines has a fault, so that nothing is made of it.
    var isDamaged = false
    private(set) var values: [Value] = []
    /// The values of attributes that are none of a user or group, by their names with options.
    private(set) var otherValues: [(line: Int, name: ArraySlice<UInt8>, bytes: ArraySlice<UInt8>)] = []
    /// The names of its attributes that Roster does not read for users and groups, one for each value.
    var unknownNames: [ArraySlice<UInt8>] { otherValues.map(\.name) }

    /// A value, decoded.
    struct Value {
        /// The line where it starts.
        let line: Int
        let name: LDIFName
        /// Whether options stood behind the name.
        let hasOptions: Bool
        /// The name as the file has it, with its options.
        let description: ArraySlice<UInt8>
        let bytes: ArraySlice<UInt8>
    }

    /// Begins another entry.
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

    /// The values of an attribute without options; where there is none, those with options (`cn;lang-zh`).
    func values(of name: LDIFName) -> [Value] {
        // By index, here and below: going through the values themselves would copy each of them.
        let all = values.indices.filter { values[$0].name == name }
        let plain = all.filter { !values[$0].hasOptions }
        return (plain.isEmpty ? all : plain).map { values[$0] }
    }

    /// The names of the values that nothing is made of: of attributes that are not read, and those with options beside one without.
    var unreadNames: [ArraySlice<UInt8>] {
        guard values.contains(where: \.hasOptions) else { return unknownNames }
        let plain = Set(values.lazy.filter { !$0.hasOptions }.map(\.name))
        return unknownNames
            + values.filter { $0.hasOptions && plain.contains($0.name) && $0.name != .account(.objectClass) }.map(
                \.description)
    }

    /// The names of a group's values that nothing is made of.
    var unreadNamesOfGroup: [ArraySlice<UInt8>] {
        unreadNames
            + values.filter { !$0.hasOptions && $0.name.isOfPerson && $0.name != .person(.fullName) }.map(\.description)
    }

    /// The value of an attribute that may have only one; nil where it has none.
    /// - Throws: where it has several different ones.
    func single(_ name: LDIFName) throws(LDIFError) -> Value? {
        var first: Int?
        for index in values.indices where values[index].name == name {
            let hasOptions = values[index].hasOptions
            guard let known = first, values[known].hasOptions == hasOptions else {
                if first == nil || !hasOptions { first = index }
                continue
            }
            // Several languages may each have a value of their own: the first is as good as any.
            guard hasOptions || values[index].bytes == values[known].bytes else {
                throw LDIFError(line: values[index].line, "\(name.text): a second, different value")
            }
        }
        return first.map { values[$0] }
    }

    /// The value of an attribute that names the entry and may have several values: the one that is in the entry's own
    /// relative name, as `uid` or `cn`, else the first. Nil where there is none.
    /// - Throws: where a value is no text.
    func naming(_ name: LDIFName, in relativeName: DistinguishedName.RelativeName) throws(LDIFError) -> String? {
        let values = values(of: name)
        guard values.count > 1 else { return try values.first?.text() }
        let keys = Set(relativeName.filter(\.isUserName).map { Username.key(of: $0.value) })
        for value in values {
            if let text = try value.text(), keys.contains(Username.key(of: text)) { return text }
        }
        return try values.first?.text()
    }

    /// Whether one of the entry's classes has this name.
    func isOf(objectClass: String) -> Bool {
        values.indices.contains { index in
            values[index].name == .account(.objectClass)
                && values[index].bytes.equalsIgnoringASCIICase(objectClass.utf8)
        }
    }
}

extension LDIFEntry.Value {
    /// The value as text; nil where it is empty.
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
