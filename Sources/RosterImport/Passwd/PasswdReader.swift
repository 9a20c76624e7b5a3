import RosterModel
import RosterStore

/// Reads users from passwd(5) lines, `name:password:uid:gid:gecos:home:shell`, as `getent passwd` prints them.
///
/// Blank lines and lines that start with `#` are skipped silently; system users and NIS lines are skipped with a
/// diagnostic.
struct PasswdReader {
    private var lines: TextLines
    private let minimumUID: UInt32
    private var file = ImportFile()
    private var faults = DiagnosticList()

    private static let fields = ["name", "password", "uid", "gid", "gecos", "home", "shell"]
    /// The uid that by convention means "nobody". chown(2) does not treat it specially, so `User.posixNumber` accepts
    /// it.
    static let nobody: UInt32 = 65534

    /// Creates a reader that skips users with a uid below `minimumUID`.
    init(_ bytes: [UInt8], minimumUID: UInt32) {
        lines = TextLines(bytes)
        self.minimumUID = minimumUID
    }

    /// Reads the users and faults of the file; `progress` is as in `ImportReader.read`.
    mutating func read(progress: (Int) -> Void) -> ImportFile {
        var meter = ProgressMeter()
        var isEmpty = true
        while !faults.isFull, let line = lines.next() {
            meter.advance(to: lines.position.offset, progress)
            let first = lines.bytes[line.range].first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
            guard let first, first != UInt8(ascii: "#") else { continue }
            isEmpty = false
            read(line)
        }
        if isEmpty { faults.add(line: 0, "no line of passwd(5) in the file") }
        file.faults = faults.sorted
        return file
    }

    private mutating func read(_ line: TextLine) {
        guard !line.isTooLong else { return faults.add(line: line.number, TextError.tooLong) }
        guard !line.hasNUL else { return faults.add(line: line.number, TextError.nul) }
        let bytes = lines.bytes[line.range]
        if let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            return skip(line, "a line of NIS ('\(Character(Unicode.Scalar(sign)))')")
        }
        let fields = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard fields.count == Self.fields.count else {
            return faults.add(
                line: line.number, "\(fields.count) fields where passwd(5) has \(Self.fields.count), parted by colons")
        }
        var texts: [String] = []
        for (index, field) in fields.enumerated() {
            // The password field may be any bytes; a crypt(3) hash is ASCII only.
            guard let text = index == 1 ? "" : field.text else {
                return faults.add(line: line.number, "\(Self.fields[index]): \(TextError.notUTF8)")
            }
            texts.append(text)
        }
        guard fields[2].allSatisfy(\.isDigit), let uid = UInt32(texts[2]) else {
            return faults.add(line: line.number, "uid: not a number from 0 to 4294967295")
        }
        guard uid >= minimumUID else {
            return skip(line, "\(texts[0].sanitizedForDisplay()): uid \(uid) is below \(minimumUID)")
        }
        guard uid != Self.nobody else {
            return skip(line, "\(texts[0].sanitizedForDisplay()): uid \(uid) is nobody's")
        }
        var record = ImportRecord(line: line.number, username: texts[0])
        record.uidNumber = texts[2]
        record.gidNumber = texts[3].nonEmpty
        record.gecos = texts[4].nonEmpty
        record.homeDirectory = texts[5].nonEmpty
        // passwd(5): an empty shell is /bin/sh.
        record.loginShell = texts[6].nonEmpty ?? "/bin/sh"
        record.password = StoredPassword.ofPasswd(fields[1])
        file.records.append(record)
    }

    private mutating func skip(_ line: TextLine, _ reason: String) {
        file.skipped.append(ImportDiagnostic(line: line.number, reason))
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
