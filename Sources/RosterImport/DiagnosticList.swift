import RosterModel

/// The faults of one file in the order found, up to a limit.
struct DiagnosticList {
    /// A file with more faults is not read to the end: nobody would read more of them at once.
    static let maximum = 1000

    private var found: [ImportDiagnostic] = []
    private var lastLine = 0

    init() {}

    /// Whether reading should stop.
    var isFull: Bool { found.count > Self.maximum }
    var isEmpty: Bool { found.isEmpty }

    /// Adds a fault. Once the limit is exceeded, further faults are dropped.
    mutating func add(line: Int, _ message: String) {
        guard !isFull else { return }
        found.append(ImportDiagnostic(line: line, message))
        lastLine = max(lastLine, line)
    }

    /// The faults in line order. If there were too many, the last one says so.
    var sorted: [ImportDiagnostic] {
        // The faults of an entry's meaning are found after those of syntax in its later lines. Faults of one line stay
        // in the order found, which sort(by:) does not guarantee.
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
    /// The text, made safe for display, in quotes.
    var quoted: String { "'\(sanitizedForDisplay())'" }
}
