import Dispatch
import Foundation
import RosterModel
import RosterStore
import Synchronization

// Where no cell is in quotes, each line is a row, and the cores may share the lines of a large file.
extension CSVReader {
    /// As many bytes are worth a part of their own.
    private static let partSize = 1 << 20
    /// More parts than most machines have cores, so that no core waits long for the last one.
    private static let mostParts = 16

    /// What stands in a part of the file, as if it were the first.
    private struct Part: Sendable {
        var records: [ImportRecord]
        var unreadCells: [Int]
        var lineCount: Int
    }

    /// The users of the rows that follow, in their order, and how many cells of each column are not read; nil where they have to be read one after the other: the file is
    /// small, has quotes, or has a fault, whose words may depend on what stands elsewhere.
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
                // Each part is let go of as soon as it is copied.
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

    /// Where parts of about the same size begin and end: between lines.
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

    /// Reads one part; nil where there is anything in it that is no user.
    private func part(_ range: Range<Int>, isLast: Bool, progress: (Int) -> Void) -> Part? {
        // Of its own bytes and columns: cores that count references to the same ones wait for each other at every cell.
        let lines = TextLines(Array(rows.lines.bytes[range]), isComplete: false)
        var reader = CSVReader(of: lines, separator: rows.separator, columns: columns.map { $0 }, options: options)
        let blankLine = reader.readRows(progress: progress)
        guard reader.faults.isEmpty, reader.file.skipped.isEmpty, isLast || blankLine == nil else { return nil }
        return Part(
            records: reader.file.records, unreadCells: reader.unreadCells,
            lineCount: reader.rows.lines.position.line)
    }
}
