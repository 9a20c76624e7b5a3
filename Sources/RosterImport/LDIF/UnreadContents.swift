import RosterModel

/// Counts what an LDIF file contains and the import does not read, so that it is reported and not silently dropped.
struct UnreadContents {
    private var attributes: [String: Count] = [:]
    private var classes: [String: Count] = [:]
    private var references: Count?
    private var trailingBlanks: Count?
    private var deleted: Count?

    private struct Count {
        /// The line where it was found first.
        let line: Int
        var count: Int
        /// Whether the values would be kept if the site declared the attribute.
        var canBeDeclared = false
    }

    /// Counts the values of attributes that are not imported, by their names in the file.
    /// - Parameter ofUser: whether a user has them, who could keep those that the site declares.
    mutating func addAttributes(_ names: [ArraySlice<UInt8>], line: Int, ofUser: Bool = false) {
        for name in names {
            let key = name.map(\.asciiLowercased)
            if Self.serverAttributes.contains(key) { continue }
            let text = String(decoding: name, as: UTF8.self)
            Self.add(text, line: line, to: &attributes)
            if ofUser, AttributeDeclaration.canDeclare(text) { attributes[text]?.canBeDeclared = true }
        }
    }

    /// Counts an entry that is neither a user nor a group; entries that only structure the tree are not counted.
    mutating func addEntry(line: Int, classes values: [ArraySlice<UInt8>]) {
        let names = values.map { String(decoding: $0, as: UTF8.self) }
        if names.contains(where: { Self.containerClasses.contains(Username.key(of: $0)) }) { return }
        guard let name = names.last(where: { Username.key(of: $0) != "top" }) else { return }
        Self.add(name, line: line, to: &classes)
    }

    mutating func addReference(line: Int) { Self.add(line: line, to: &references) }

    /// Counts a value or an entry that the server stores only to tell its replicas that it was deleted.
    mutating func addDeleted(line: Int) { Self.add(line: line, to: &deleted) }

    mutating func addTrailingBlanks(line: Int) { Self.add(line: line, to: &trailingBlanks) }

    private static func add(_ name: String, line: Int, to counts: inout [String: Count]) {
        counts[name, default: Count(line: line, count: 0)].count += 1
    }

    private static func add(line: Int, to count: inout Count?) {
        count = Count(line: count?.line ?? line, count: (count?.count ?? 0) + 1)
    }

    /// The diagnostics: one for each attribute and each class, and one for each other kind.
    var diagnostics: [ImportDiagnostic] {
        var diagnostics: [ImportDiagnostic] = []
        for (name, count) in attributes {
            diagnostics.append(
                ImportDiagnostic(
                    line: count.line,
                    "\(name.sanitizedForDisplay(limit: 64)): not kept; values in the file: \(count.count), the first one here"
                        + (count.canBeDeclared ? "; roster attribute declare keeps them" : "")))
        }
        for (name, count) in classes {
            diagnostics.append(
                ImportDiagnostic(
                    line: count.line,
                    "an entry of class \(name.sanitizedForDisplay(limit: 64)) is neither a user nor a group: not kept"
                        + (Self.personClasses.contains(Username.key(of: name))
                            ? ", as it has no uid; objectClass posixAccount, a uidNumber and a gidNumber make it a user"
                            : "")
                        + "; such entries in the file: \(count.count), the first one here"))
        }
        if let deleted {
            diagnostics.append(
                ImportDiagnostic(
                    line: deleted.line,
                    "entries and values that the server had deleted are passed over: \(deleted.count), the first one here"
                ))
        }
        if let references {
            diagnostics.append(
                ImportDiagnostic(
                    line: references.line,
                    "a reference to another server: what is there is not in the file; references: \(references.count)"))
        }
        if let trailingBlanks {
            diagnostics.append(
                ImportDiagnostic(
                    line: trailingBlanks.line,
                    "blanks at the end of a value are passed over; such values: \(trailingBlanks.count), the first one here"
                ))
        }
        return diagnostics.sorted { ($0.line, $0.message) < ($1.line, $1.message) }
    }

    /// Attributes that a server maintains itself; a new server writes its own.
    private static let serverAttributes: Set<[UInt8]> = Set(
        [
            "entryuuid", "entrycsn", "entrydn", "structuralobjectclass", "creatorsname", "modifiersname", "contextcsn",
            "hassubordinates", "numsubordinates", "subschemasubentry", "nsuniqueid", "entryid", "parentid", "entryusn",
            "memberof", "pwdchangedtime", "objectguid", "usncreated", "usnchanged", "instancetype", "distinguishedname",
            "name", "objectcategory", "dscorepropagationdata", "samaccounttype", "badpwdcount", "badpasswordtime",
            "lastlogon", "lastlogoff", "lastlogontimestamp", "logoncount", "codepage", "countrycode",
        ].map { Array($0.utf8) })

    private static let personClasses: Set<String> = ["person", "organizationalperson", "inetorgperson", "user"]

    private static let containerClasses: Set<String> = [
        "organizationalunit", "organization", "dcobject", "domain", "country", "locality", "container", "builtindomain",
    ]
}
