package import RosterModel
import RosterStore

/// Reads users and groups from LDIF (RFC 2849): content records, as slapcat, ldapsearch and the vendor's directory
/// write them.
///
/// A user is an entry of class posixAccount, or an Active Directory user with a uidNumber. A group is one of class
/// posixGroup, groupOfNames, groupOfUniqueNames or group. Clusters and map entries are read too; all other entries are
/// counted. Values by URL are not fetched: an import reads no other file than the given one.
package struct LDIFReader {
    private var lines: LDIFLines
    private let localTime: LocalTime
    private let hasOnlyMaps: Bool
    /// The attributes that users can have, with those that the file has declared so far.
    private var catalog: AttributeCatalog
    private var file = ImportFile()
    private var faults = DiagnosticList()
    private var entry = LDIFEntry()
    private var state = State.between
    private var groups: [LDIFGroup] = []
    /// The indexes in `groups`.
    private var placeOfGroup: [ImportFile.GroupKey: Int] = [:]
    private var memberNames = MemberNames()
    private var identifiers = SecurityIdentifiers()
    /// The parent of the previous entry.
    private var branch: ParentDN?
    private var unread = UnreadContents()

    private enum State {
        /// Before an entry. A version line is accepted here too, since files may have been concatenated.
        case between
        /// In an entry.
        case entry
        /// In the lines at the end of ldapsearch output.
        case trailer
        /// In lines that are not an entry, up to the next blank line.
        case skipping
    }

    /// Creates a reader of `bytes`.
    /// - Parameters:
    ///   - localTime: the time zone of the vendor's descriptions.
    ///   - hasOnlyMaps: whether everything except map entries is skipped.
    ///   - catalog: the attributes that users can have.
    package init(
        _ bytes: [UInt8], localTime: LocalTime = .machine, hasOnlyMaps: Bool = false,
        catalog: AttributeCatalog = .standard
    ) {
        self.catalog = catalog
        lines = LDIFLines(bytes)
        self.hasOnlyMaps = hasOnlyMaps
        self.localTime = localTime
    }

    /// Reads the users, groups and faults of the file; `progress` is as in `ImportReader.read`.
    package mutating func read(progress: (Int) -> Void) -> ImportFile {
        var meter = ProgressMeter()
        while !faults.isFull, let line = lines.next() {
            meter.advance(to: lines.offset, progress)
            if line.isBlank {
                finishEntry()
            } else {
                process(line)
            }
        }
        finishEntry()
        file.skipped += identifiers.resolve(&file.records)
        for group in groups { file.groups.append(group.resolved(&memberNames)) }
        // Units count only for the entries below them.
        if !hasOnlyMaps, faults.isEmpty, file.records.isEmpty, file.groups.isEmpty, file.clusters.isEmpty,
            file.mapEntries.allSatisfy(\.kind.isUnit)
        {
            faults.add(line: 0, "no entry of class posixAccount in the file")
        }
        file.faults = faults.sorted
        file.catalog = catalog
        file.skipped += unread.diagnostics
        return file
    }

    private mutating func process(_ line: LDIFLines.Line) {
        guard state != .skipping else {
            // Invalid text is a fault even here; anything else belongs to the fault already recorded.
            if let fault = line.fault { faults.add(line: fault.line, fault.message) }
            return
        }
        do throws(LDIFError) {
            process(try LDIFAttribute(line, in: catalog), of: line.number)
        } catch {
            refuse(error.line, error.message)
        }
    }

    private mutating func process(_ attribute: LDIFAttribute, of line: Int) {
        switch (state, attribute.name) {
        case (.between, .format(.version)):
            if !attribute.value.elementsEqual("1".utf8) { refuse(line, "version: only version 1 of LDIF is read") }
        case (.between, .format(.distinguishedName)):
            state = .entry
            entry.begin(line: line, distinguishedName: attribute.value)
        case (.between, .format(.search)):
            state = .trailer
        case (.between, .format(.reference)):
            unread.addReference(line: line)
            state = .skipping
        case (.between, _):
            refuse(line, "an entry must start with 'dn:'")
        case (.trailer, .format(.result)):
            if attribute.value.first != UInt8(ascii: "0") {
                faults.add(line: line, "the search that wrote the file was cut short: it may lack entries")
            }
        case (.trailer, _), (.skipping, _):
            break
        case (.entry, _) where attribute.isDeleted:
            unread.addDeleted(line: line)
        case (.entry, .format(.distinguishedName)):
            refuse(line, "a second 'dn:' in one entry: a blank line is missing before it")
        case (.entry, .format(.changeType)):
            if Username.key(of: String(decoding: attribute.value, as: UTF8.self)) != "add" {
                // What follows is not an entry: a modification has its own grammar.
                faults.add(line: line, "changetype: only 'add' is read")
                state = .skipping
            }
        case (.entry, .some(let name)) where attribute.omission != nil:
            file.skipped.append(
                ImportDiagnostic(line: line, "\(name.text): \(attribute.omission ?? ""): left out"))
        case (.entry, .some(let name)):
            if attribute.hadTrailingBlanks { unread.addTrailingBlanks(line: line) }
            entry.add(
                LDIFEntry.Value(
                    line: line, name: name, hasOptions: attribute.hasOptions, description: attribute.description,
                    bytes: attribute.value))
        case (.entry, nil):
            entry.add(unknown: attribute, line: line)
        }
    }

    /// Records a fault of the line. The rest of an entry is still checked for more faults, but is not imported.
    private mutating func refuse(_ line: Int, _ message: String) {
        faults.add(line: line, message)
        entry.isDamaged = true
        if state != .entry { state = .skipping }
    }

    private mutating func finishEntry() {
        defer { state = .between }
        guard state == .entry, !entry.isDamaged else { return }
        guard !entry.isOf(objectClass: "nstombstone") else { return unread.addDeleted(line: entry.line) }
        let (isUser, isGroup) = (entry.isUser, entry.isGroup)
        if hasOnlyMaps {
            if !isUser, !isGroup, let kind = entry.mapKind { addMapEntry(kind) }
            return
        }
        if entry.isOf(objectClass: LDIFName.declarationClass) { return addDeclaration() }
        if entry.isCluster { addCluster() }
        guard isUser || isGroup else {
            if let kind = entry.mapKind { return addMapEntry(kind) }
            guard !entry.isCluster else { return }
            return unread.addEntry(
                line: entry.line, classes: entry.values(of: .account(.objectClass)).map(\.bytes))
        }
        unread.addAttributes(
            isUser ? entry.unreadNames + entry.unreadHomes : entry.unreadNamesOfGroup, line: entry.line,
            ofUser: isUser)
        guard let (relativeName, branch) = place() else {
            return faults.add(line: entry.line, "dn: not a distinguished name (RFC 4514)")
        }
        if isUser,
            let record = entry.record(
                named: relativeName, in: branch, catalog: catalog, localTime: localTime, faults: &faults)
        {
            memberNames.add(record.username, at: entry.distinguishedName, named: relativeName)
            if record.gidNumber == nil, let (identifier, number) = entry.primaryGroup {
                identifiers.add(record: file.records.count, identifier: identifier, primaryGroup: number)
            }
            file.records.append(record)
        }
        if isGroup { addGroup(named: relativeName, in: branch) }
    }

    /// The entry's own relative name and its parent; nil if the DN is malformed.
    private mutating func place() -> (DistinguishedName.RelativeName, ParentDN)? {
        guard let (relativeName, parent) = DistinguishedName.split(entry.distinguishedName) else { return nil }
        if let branch, branch.text == parent { return (relativeName, branch) }
        branch = ParentDN(parent: parent)
        return branch.map { (relativeName, $0) }
    }

    /// Adds a cluster. Invalid settings do not reject the users of the file.
    private mutating func addCluster() {
        guard let (relativeName, _) = place(), let unit = relativeName.first(where: { $0.name == "ou" })?.value else {
            return
        }
        do throws(LDIFError) {
            file.clusters[unit] = try entry.cluster()
        } catch {
            file.skipped.append(ImportDiagnostic(line: error.line, "cluster \(unit.quoted): \(error.message)"))
        }
    }

    /// Adds an attribute that the file declares, so that the entries after it may have it. An invalid declaration does
    /// not reject the users of the file.
    private mutating func addDeclaration() {
        do throws(LDIFError) {
            let declaration = try entry.declaration()
            guard catalog.attribute(named: declaration.name) == nil else { return }
            file.declarations.append(declaration)
            catalog = catalog.adding(declaration)
        } catch {
            file.skipped.append(ImportDiagnostic(line: error.line, "an attribute is not declared: \(error.message)"))
        }
    }

    /// Adds a map entry. An invalid one does not reject the users of the file.
    private mutating func addMapEntry(_ kind: MapEntry.Kind) {
        do throws(LDIFError) {
            guard let (relativeName, branch) = place() else {
                throw LDIFError(line: entry.line, "dn: not a distinguished name (RFC 4514)")
            }
            let (mapEntry, notKept) = try entry.mapEntry(kind, named: relativeName, in: branch)
            // Units are imported only if they contain map entries, which is not known yet.
            if !kind.isUnit { unread.addAttributes(notKept, line: entry.line) }
            file.mapEntries.append(mapEntry)
        } catch {
            file.skipped.append(ImportDiagnostic(line: error.line, error.message))
        }
    }

    /// Adds a group. An invalid one does not reject the users of the file.
    private mutating func addGroup(named relativeName: DistinguishedName.RelativeName, in branch: ParentDN) {
        do {
            let group = try entry.group(named: relativeName, in: branch)
            memberNames.add(group: group.name, at: entry.distinguishedName)
            guard let number = group.gidNumber else { return groups.append(group) }
            if let identifier = entry.values(of: .account(.objectSid)).first?.bytes {
                identifiers.add(group: identifier, gidNumber: number)
            }
            let key = ImportFile.GroupKey(cluster: group.cluster, gidNumber: number)
            guard let place = placeOfGroup[key] else {
                placeOfGroup[key] = groups.count
                file.groupNames[key] = group.name
                groups.append(group)
                return
            }
            let known = groups[place].name
            if known == group.name {
                // A group may have several entries, for example if files were concatenated.
                groups[place].members += group.members
                groups[place].distinguishedNames += group.distinguishedNames
            } else {
                file.skipped.append(
                    ImportDiagnostic(
                        line: entry.line,
                        "group \(group.name.quoted): gid \(number) is that of group \(known.quoted)"))
            }
        } catch {
            file.skipped.append(ImportDiagnostic(line: error.line, error.message))
        }
    }
}
