import RosterModel
import RosterStore

/// The lines of group(5) or shadow(5) that belong to lines of passwd(5), as `getent group` and `getent shadow` print
/// them.
package struct PasswdCompanion: Sendable {
    /// The format of the file.
    package enum Kind: Sendable {
        /// `name:password:gid:member,member`
        case group
        /// `name:password:changed:min:max:warning:inactive:expires:reserved`, times in days since 1970.
        case shadow
    }

    private let kind: Kind
    /// The name of the file in diagnostics.
    private let name: String
    private let bytes: [UInt8]

    /// Creates a companion file.
    /// - Parameter name: the name of the file in diagnostics.
    package init(_ kind: Kind, name: String, bytes: [UInt8]) {
        self.kind = kind
        self.name = name
        self.bytes = bytes
    }

    /// Adds the lines' data to the users from passwd lines. Diagnostics name the file as their source.
    /// - Parameter minimumGID: groups with a smaller gid are taken only if they are a user's primary group.
    func read(into file: inout ImportFile, minimumGID: UInt32) {
        var lines = TextLines(bytes)
        var faults = DiagnosticList()
        var reader = Reader(kind, file, minimumGID: minimumGID, source: name)
        while !faults.isFull, let line = lines.next() {
            do throws(LDIFError) {
                guard let fields = try fields(of: line, in: lines) else { continue }
                switch kind {
                case .group: try reader.readGroup(fields, line: line.number, into: &file)
                case .shadow: try reader.readShadow(fields, line: line.number, into: &file)
                }
            } catch {
                faults.add(line: line.number, error.message)
            }
        }
        file.skipped += reader.diagnostics
        file.faults += faults.sorted.map { ImportDiagnostic(line: $0.line, $0.message, source: name) }
    }

    /// The fields of a line; nil for a blank line, a comment or a NIS line.
    private func fields(of line: TextLine, in lines: TextLines) throws(LDIFError) -> [ArraySlice<UInt8>]? {
        func fault(_ message: String) -> LDIFError { LDIFError(line: line.number, message) }
        guard !line.isTooLong else { throw fault(TextError.tooLong) }
        guard !line.hasNUL else { throw fault(TextError.nul) }
        let bytes = lines.bytes[line.range]
        // Lines of NIS begin with a sign.
        let first = bytes.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        guard let first, !"#+-".utf8.contains(first) else { return nil }
        let fields = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let (count, page) = kind == .group ? (4, "group(5)") : (9, "shadow(5)")
        guard fields.count == count else {
            throw fault("\(fields.count) fields where \(page) has \(count), parted by colons")
        }
        return fields
    }

    private struct Reader {
        private let minimumGID: UInt32
        private let source: String
        /// The gids of the users, as in the file; empty for shadow(5).
        private let primaryGIDs: Set<String>
        /// The indexes of the users by name; empty for group(5).
        private let placeOfUser: [String: Int]
        private var linesOfShadow: [String: Int] = [:]
        private var systemGroups: (line: Int, count: Int)?
        private var strangers: (line: Int, count: Int)?

        init(_ kind: Kind, _ file: ImportFile, minimumGID: UInt32, source: String) {
            self.minimumGID = minimumGID
            self.source = source
            switch kind {
            case .group:
                primaryGIDs = Set(file.records.lazy.compactMap(\.gidNumber))
                placeOfUser = [:]
            case .shadow:
                primaryGIDs = []
                placeOfUser = Dictionary(
                    file.records.indices.lazy.map { (file.records[$0].username, $0) },
                    uniquingKeysWith: { first, _ in first })
            }
        }

        /// Diagnostics about lines that were not used.
        var diagnostics: [ImportDiagnostic] {
            var diagnostics: [ImportDiagnostic] = []
            if let (line, count) = systemGroups {
                diagnostics.append(
                    ImportDiagnostic(
                        line: line,
                        "groups with a gid below \(minimumGID) are passed over: \(count), the first one here",
                        source: source))
            }
            if let (line, count) = strangers {
                diagnostics.append(
                    ImportDiagnostic(
                        line: line, "lines of users that are not imported: \(count), the first one here", source: source
                    ))
            }
            return diagnostics
        }

        mutating func readGroup(
            _ fields: [ArraySlice<UInt8>], line: Int, into file: inout ImportFile
        ) throws(LDIFError) {
            guard let name = fields[0].text, let members = fields[3].text else {
                throw LDIFError(line: line, TextError.notUTF8)
            }
            let digits = String(decoding: fields[2], as: UTF8.self)
            guard let number = UInt32(digits), fields[2].allSatisfy(\.isDigit) else {
                throw LDIFError(line: line, "gid: not a number from 0 to 4294967295")
            }
            guard number >= minimumGID && number != PasswdReader.nobody || primaryGIDs.contains(digits),
                (try? User.posixNumber(digits, name: "gid")) != nil
            else {
                systemGroups = (systemGroups?.line ?? line, (systemGroups?.count ?? 0) + 1)
                return
            }
            let key = ImportFile.GroupKey(cluster: nil, gidNumber: number)
            if file.groupNames[key] == nil { file.groupNames[key] = name }
            var group = ImportFile.ImportedGroup(
                line: line, cluster: nil, name: name, gidNumber: number,
                members: members.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty })
            group.source = source
            file.groups.append(group)
        }

        mutating func readShadow(
            _ fields: [ArraySlice<UInt8>], line: Int, into file: inout ImportFile
        ) throws(LDIFError) {
            guard let name = fields[0].text else { throw LDIFError(line: line, TextError.notUTF8) }
            guard let place = placeOfUser[name] else {
                strangers = (strangers?.line ?? line, (strangers?.count ?? 0) + 1)
                return
            }
            if let first = linesOfShadow.updateValue(line, forKey: name) {
                throw LDIFError(line: line, "\(name.quoted) is also in line \(first)")
            }
            var days: [Int64?] = []
            for (field, what) in zip(fields[2...7], ["changed", "min", "max", "warning", "inactive", "expires"]) {
                guard !field.isEmpty else {
                    days.append(nil)
                    continue
                }
                guard let number = Int64(String(decoding: field, as: UTF8.self)) else {
                    throw LDIFError(line: line, "\(what): not a number of days")
                }
                days.append(number)
            }
            file.records[place].password = StoredPassword.ofShadow(fields[1])
            if StoredPassword.isLocked(shadow: fields[1]) { file.records[place].lock = "shadow(5)" }
            // 0 requires a new password at the next login and is not a time.
            if let changed = days[0], changed > 0 { file.records[place].passwordTime = Timestamp(days: changed) }
            let ageing: [UserAttribute] = [.shadowMin, .shadowMax, .shadowWarning, .shadowInactive]
            for (attribute, number) in zip(ageing, days[1...4]) {
                if let number { file.records[place].attributes[attribute] = [Array(String(number).utf8)] }
            }
            if let expires = days[5].flatMap({ Timestamp(days: $0) }) {
                file.records[place].expires = expires
                file.records[place].expiresBy = "shadow(5)"
            }
        }
    }
}
