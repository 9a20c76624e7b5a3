import Foundation
import MadeSite
import RosterModel
import RosterSnapshot

/// Times the publishing of one change: a delta of one user applied to a snapshot, and the one before let go.
///
///     PublishProbe ROUNDS CHANGES FILE...
///
/// FILEs are CSVs of `generate`. In each round each of them takes CHANGES changes, one after the other. A line of JSON
/// is printed for each round and file: users, and microseconds at the median, in the mean and at most.
@main struct Probe {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 3, let rounds = Int(arguments[1]), let changes = Int(arguments[2]), changes > 0 else {
            FileHandle.standardError.write(Data("usage: PublishProbe ROUNDS CHANGES FILE...\n".utf8))
            exit(2)
        }
        var sides = try arguments.dropFirst(3).map { try Side(csv: $0) }
        for index in sides.indices { _ = sides[index].publish(100) }
        for _ in 0..<rounds {
            for index in sides.indices {
                let times = sides[index].publish(changes).sorted()
                let mean = times.reduce(0, +) / Double(times.count)
                print(
                    "{\"users\":\(sides[index].site.users.count),\"median\":\(times[times.count / 2]),"
                        + "\"mean\":\(mean),\"max\":\(times[times.count - 1])}")
            }
        }
    }

    private struct Side {
        let site: MadeSite
        private var snapshot: Snapshot
        private var random = SeededRandom(seed: 1)

        init(csv path: String) throws {
            site = try MadeSite(csv: path)
            snapshot = site.snapshot()
        }

        /// Microseconds that each of `count` changes took.
        mutating func publish(_ count: Int) -> [Double] {
            (0..<count).map { _ in
                let delta = site.change(after: snapshot.revision, using: &random)
                let start = ContinuousClock.now
                snapshot = snapshot.applying(delta, prepareKey: { _ in nil })
                return (ContinuousClock.now - start) / .microseconds(1)
            }
        }
    }
}
