import RosterModel

extension LDIFEntry {
    /// The kind of map entry; nil if the entry is not one.
    var mapKind: MapEntry.Kind? {
        // A unit may have further classes, so the more specific kinds are checked first.
        MapEntry.Kind.allCases.reversed().first { isOf(objectClass: $0.rawValue) }
    }

    /// Converts the entry, named `relativeName` in `branch`, to a map entry. The result also has the names of
    /// attributes that are not imported, one for each value.
    /// - Throws: if a value is not text.
    func mapEntry(
        _ kind: MapEntry.Kind, named relativeName: DistinguishedName.RelativeName, in branch: ParentDN
    ) throws(LDIFError) -> (entry: ImportFile.ImportedMapEntry, notKept: [ArraySlice<UInt8>]) {
        var attributes = MapAttributes()
        let kept = Set(kind.required + kind.allowed)
        var notKept: [ArraySlice<UInt8>] = []
        // Attributes that users have too.
        for value in values {
            switch value.name {
            case .person(.fullName) where kept.contains(.commonName):
                if let text = try value.text() { attributes[.commonName].append(text) }
            case .person(.description) where kept.contains(.description):
                if let text = try value.text() { attributes[.description].append(text) }
            case .person(.fullName) where relativeName.contains { $0.value.utf8.elementsEqual(value.bytes) }: break
            case .account(.objectClass), .account(.createTimestamp), .account(.modifyTimestamp),
                .account(.whenCreated), .account(.whenChanged), .account(.objectSid):
                break
            default: notKept.append(value.description)
            }
        }
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
        return (
            .init(
                line: line, cluster: branch.cluster, relativeNames: [relativeName] + branch.relativeNames, kind: kind,
                attributes: attributes),
            notKept
        )
    }
}
