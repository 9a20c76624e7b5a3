import RosterModel

extension LDIFEntry {
    /// The kind of map entry that the entry is of; nil for any other.
    var mapKind: MapEntry.Kind? {
        // A unit may have further classes; what is a map entry is no unit.
        MapEntry.Kind.allCases.reversed().first { isOf(objectClass: Username.key(of: $0.rawValue)) }
    }

    /// The map entry, and the names of the attributes that are not kept, one for each value.
    /// - Throws: where its name is malformed, or a value is no text.
    func mapEntry(
        _ kind: MapEntry.Kind
    ) throws(LDIFError) -> (entry: ImportFile.ImportedMapEntry, notKept: [ArraySlice<UInt8>]) {
        guard let name = DistinguishedName(distinguishedName), let parent = DistinguishedName.split(distinguishedName)
        else { throw LDIFError(line: line, "dn: not a distinguished name (RFC 4514)") }
        var attributes = MapAttributes()
        // What users have too.
        for (known, attribute) in [
            (LDIFName.person(.fullName), MapAttribute.commonName), (.person(.description), .description),
        ] {
            for value in values(of: known) {
                if let text = try value.text() { attributes[attribute].append(text) }
            }
        }
        let kept = Set(kind.required + kind.allowed)
        var notKept: [ArraySlice<UInt8>] = []
        for value in otherValues {
            guard let attribute = MapAttribute(name: String(decoding: value.name, as: UTF8.self)),
                kept.contains(attribute)
            else {
                notKept.append(value.name)
                continue
            }
            guard let text = value.bytes.text else {
                throw LDIFError(line: value.line, "\(attribute.name): \(TextError.notUTF8)")
            }
            // A value by URL is not fetched.
            if text.isEmpty { notKept.append(value.name) } else { attributes[attribute].append(text) }
        }
        if !kept.contains(.description) { attributes[.description] = [] }
        if !kept.contains(.commonName) { attributes[.commonName] = [] }
        return (
            .init(
                line: line, cluster: ParentDN(parent: parent.parent)?.cluster, relativeNames: name.relativeNames,
                kind: kind,
                attributes: attributes),
            notKept
        )
    }
}
