import RosterModel
import RosterStore

/// Reads users and groups from LDIF (RFC 2849): content records, as slapcat, ldapsearch and the vendor's directory
/// give them.
///
/// A user is an entry of class posixAccount, or of Active Directory's user with a uid; a group is one of posixGroup, groupOfNames,
/// groupOfUniqueNames or group. All others are counted. Values by URL are not fetched: an import reads no file but the one that
/// it was given.
package struct LDIFReader {
    private var lines: LDIFLines
    private let localTime: LocalTime
    private let hasOnlyMaps: Bool
    private var file = ImportFile()
    private var faults = DiagnosticList()
    private var entry = LDIFEntry()
    private var state = State.between
    private var groups: [LDIFGroup] = []
    /// Places in the groups.
    private var placeOfGroup: [ImportFile.GroupKey: Int] = [:]
    private var memberNames = MemberNames()
    private var identifiers = SecurityIdentifiers()
    /// Where the last entry stood.
    private var branch: ParentDN?
    private var unread = UnreadContents()

    private enum State {
        /// Before an entry, where the version may stand, too: files are joined by cat.
        case between
        /// In an entry.
        case entry
        /// In the lines that ldapsearch ends with.
        case trailer
        /// In what is no entry, up to the next blank line.
        case skipping
    }

    /// - Parameters:
    ///   - localTime: what the vendor's descriptions are in.
    ///   - hasOnlyMaps: whether everything but map entries is passed over.
    package init(_ bytes: [UInt8], localTime: LocalTime = .machine, hasOnlyMaps: Bool = false) {
        lines = LDIFLines(bytes)
        self.hasOnlyMaps = hasOnlyMaps
        self.localTime = localTime
    }

    /// The users, groups and faults of the file; `progress` as `ImportReader.read` has it.
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
        // Units are kept for what is below them alone.
        if !hasOnlyMaps, faults.isEmpty, file.records.isEmpty, file.groups.isEmpty, file.clusters.isEmpty,
            file.mapEntries.allSatisfy(\.kind.isUnit)
        {
            faults.add(line: 0, "no entry of class posixAccount in the file")
        }
        file.faults = faults.sorted
        file.skipped += unread.diagnostics
        return file
    }

    private mutating func process(_ line: LDIFLines.Line) {
        guard state != .skipping else {
            // Text that cannot be read is a fault even here; all else belongs to the fault that was noted.
            if let fault = line.fault { faults.add(line: fault.line, fault.message) }
            return
        }
        do throws(LDIFError) {
            process(try LDIFAttribute(line), of: line.number)
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
                // What follows is no entry: a modification has a grammar of its own.
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

    /// Notes a fault of the line. What is left of an entry is still looked through for more faults, but gives no user.
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
        if entry.isCluster { addCluster() }
        guard isUser || isGroup else {
            if let kind = entry.mapKind { return addMapEntry(kind) }
            guard !entry.isCluster else { return }
            return unread.addEntry(
                line: entry.line, classes: entry.values(of: .account(.objectClass)).map(\.bytes))
        }
        unread.addAttributes(
            isUser ? entry.unreadNames + entry.unreadHomes : entry.unreadNamesOfGroup, line: entry.line)
        guard let (relativeName, branch) = place() else {
            return faults.add(line: entry.line, "dn: not a distinguished name (RFC 4514)")
        }
        if isUser,
            let record = entry.record(named: relativeName, in: branch, localTime: localTime, faults: &faults)
        {
            memberNames.add(record.username, at: entry.distinguishedName, named: relativeName)
            if record.gidNumber == nil, let (identifier, number) = entry.primaryGroup {
                identifiers.add(record: file.records.count, identifier: identifier, primaryGroup: number)
            }
            file.records.append(record)
        }
        if isGroup { addGroup(named: relativeName, in: branch) }
    }

    /// The entry's own name and where it stands; nil where its DN is malformed.
    private mutating func place() -> (DistinguishedName.RelativeName, ParentDN)? {
        guard let (relativeName, parent) = DistinguishedName.split(entry.distinguishedName) else { return nil }
        if let branch, branch.text == parent { return (relativeName, branch) }
        branch = ParentDN(parent: parent)
        return branch.map { (relativeName, $0) }
    }

    /// Settings that cannot be used are no reason to refuse the users of the file.
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

    /// A map entry that cannot be used is no reason to refuse the users of the file.
    private mutating func addMapEntry(_ kind: MapEntry.Kind) {
        do throws(LDIFError) {
            guard let (relativeName, branch) = place() else {
                throw LDIFError(line: entry.line, "dn: not a distinguished name (RFC 4514)")
            }
            let (mapEntry, notKept) = try entry.mapEntry(kind, named: relativeName, in: branch)
            // Units are kept where they hold map entries, which is not known yet.
            if !kind.isUnit { unread.addAttributes(notKept, line: entry.line) }
            file.mapEntries.append(mapEntry)
        } catch {
            file.skipped.append(ImportDiagnostic(line: error.line, error.message))
        }
    }

    /// A group that cannot be used is no reason to refuse the users of the file.
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
                // One group may have several entries, as where files were joined.
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
