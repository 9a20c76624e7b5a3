import Dispatch
import Foundation
import RosterModel
import RosterStore
import Synchronization

// Without quoted cells, each line is a row, and a large file can be divided among the cores.
extension CSVReader {
    /// The minimum size of a part, in bytes.
    private static let partSize = 1 << 20
    /// The maximum number of parts: more than most machines have cores, so that no core waits long for the last part.
    private static let mostParts = 16

    /// The content of a part, with lines counted from its start.
    private struct Part: Sendable {
        var records: [ImportRecord]
        var unreadCells: [Int]
        var lineCount: Int
    }

    /// The users of the remaining rows, in order, and the number of unread cells of each column. Nil if the rows must
    /// be read one by one: the file is small, has quotes, or has a fault, whose message may depend on other parts.
    func recordsOfParts(
        progress: @escaping @Sendable (Int) -> Void
    ) -> (records: [ImportRecord], unreadCells: [Int])? {
        let ranges = rangesOfParts()
        guard ranges.count > 1 else { return nil }
        let parts = Mutex<[Int: Part]>([:])
        let total = Mutex(rows.lines.position.offset)
        DispatchQueue.concurrentPerform(iterations: ranges.count) { number in
            var counted = 0
            let part = part(ranges[number], isLast: number == ranges.count - 1) { offset in
                total.withLock { total in
                    total += offset - counted
                    progress(total)
                }
                counted = offset
            }
            parts.withLock { $0[number] = part }
            total.withLock { $0 += ranges[number].count - counted }
        }
        return parts.withLock { parts in
            guard parts.count == ranges.count else { return nil }
            var records: [ImportRecord] = []
            records.reserveCapacity(parts.values.reduce(0) { $0 + $1.records.count })
            var line = rows.lines.position.line
            var unreadCells = unreadCells
            for number in ranges.indices {
                // Each part is released as soon as it is copied.
                guard let part = parts.removeValue(forKey: number) else { return nil }
                let start = records.count
                records += part.records
                for column in unreadCells.indices { unreadCells[column] += part.unreadCells[column] }
                for index in start..<records.count { records[index].line += line }
                line += part.lineCount
            }
            return (records, unreadCells)
        }
    }

    /// The ranges of parts of about the same size, each ending at the end of a line.
    private func rangesOfParts() -> [Range<Int>] {
        let bytes = rows.lines.bytes
        let start = rows.lines.position.offset
        return bytes.withUnsafeBytes { all -> [Range<Int>] in
            let size = max(Self.partSize, (all.count - start) / Self.mostParts)
            guard let base = all.baseAddress, all.count - start > size,
                memchr(base + start, CInt(UInt8(ascii: "\"")), all.count - start) == nil
            else { return [] }
            var ranges: [Range<Int>] = []
            var begin = start
            while begin < all.count {
                var end = all.count
                if all.count - begin > size,
                    let newline = memchr(base + begin + size, CInt(UInt8(ascii: "\n")), all.count - begin - size)
                {
                    end = UnsafeRawPointer(newline) - base + 1
                }
                ranges.append(begin..<end)
                begin = end
            }
            return ranges
        }
    }

    /// Reads one part; nil if it contains anything but users.
    private func part(_ range: Range<Int>, isLast: Bool, progress: (Int) -> Void) -> Part? {
        // It has its own copies of bytes and columns: cores that count references to shared ones would contend at every
        // cell.
        let lines = TextLines(Array(rows.lines.bytes[range]), isComplete: false)
        var reader = CSVReader(of: lines, separator: rows.separator, columns: columns.map { $0 }, options: options)
        let blankLine = reader.readRows(progress: progress)
        guard reader.faults.isEmpty, reader.file.skipped.isEmpty, isLast || blankLine == nil else { return nil }
        return Part(
            records: reader.file.records, unreadCells: reader.unreadCells,
            lineCount: reader.rows.lines.position.line)
    }
}
