import RosterModel

/// The faults of one file as they are found, bounded.
struct DiagnosticList {
    /// A file with more faults is not read to its end: nobody reads more of them at once.
    static let maximum = 1000

    private var found: [ImportDiagnostic] = []
    private var lastLine = 0

    init() {}

    /// Whether reading should stop.
    var isFull: Bool { found.count > Self.maximum }
    var isEmpty: Bool { found.isEmpty }

    /// Notes a fault. What comes after the fault that is one too many is dropped.
    mutating func add(line: Int, _ message: String) {
        guard !isFull else { return }
        found.append(ImportDiagnostic(line: line, message))
        lastLine = max(lastLine, line)
    }

    /// The faults in the order of their lines. Where there were too many, the last one says so in the place of the
    /// one too many.
    var sorted: [ImportDiagnostic] {
        // An entry's faults of meaning are found after those of syntax in its later lines. The order in which faults of
        // one line were found is kept, which sort(by:) does not promise.
        let kept = found.prefix(Self.maximum).enumerated()
        var faults = kept.sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element)
        if isFull {
            faults.append(
                ImportDiagnostic(line: lastLine, "more than \(Self.maximum) faults: the file was not read further"))
        }
        return faults
    }
}

extension StringProtocol {
    /// `shown` in quotes.
    var quoted: String { "'\(sanitizedForDisplay())'" }
}
