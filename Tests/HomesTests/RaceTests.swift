import Foundation
import Glibc
import RosterHomes
import RosterModel
import Synchronization
import Testing

/// Somebody who may write in a folder on the way changes it while homes are made.
@Suite(.asRoot, .timeLimit(.minutes(5))) struct RaceTests {
    private let share: Share
    private let maker: HomeCreator

    init() throws {
        share = try Share(inMemory: true)
        for name in 1...5 { try share.write("x", to: "\(share.skeleton)/\(name)") }
        maker = try HomeCreator(skeleton: share.skeleton, roots: [share.root])
    }

    /// Runs `attack` over and over in a thread of its own while `body` runs.
    private func during(_ attack: @escaping @Sendable () -> Void, _ body: () throws -> Void) rethrows {
        let (begun, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let stop = Stop()
        Thread.detachNewThread {
            begun.signal()
            while !stop.isAsked { attack() }
            ended.signal()
        }
        begun.wait()
        defer {
            stop.ask()
            ended.wait()
        }
        try body()
    }

    @Test func nothingAppearsOutsideWhenAFolderOnTheWayIsSwappedForALink() throws {
        let (home, other) = ("\(share.mount)/home", "\(share.mount)/other")
        try share.makeFolder(home)
        try share.link(other, to: share.outside)
        let library = try #require(dlopen(nil, RTLD_NOW))
        let symbol = try #require(dlsym(library, "renameat2"))
        typealias Exchange =
            @Sendable @convention(c) (
                CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, CUnsignedInt
            ) -> CInt
        let exchange = unsafeBitCast(symbol, to: Exchange.self)
        var (made, refused) = (0, 0)
        during({ _ = exchange(AT_FDCWD, home, AT_FDCWD, other, 2) }) {
            for number in 0..<2_000 {
                do throws(HomeError) {
                    _ = try maker.make(share.home("user\(number)", uid: UInt32(10_000 + number)))
                    made += 1
                } catch {
                    refused += 1
                }
            }
        }
        #expect(try share.names(in: share.outside) == [])
        #expect(made > 0 && refused > 0, "the race did not take place: \(made) made, \(refused) refused")
        let folder = share.seal(home) == "0:0 755" ? home : other
        #expect(try share.names(in: folder).count == made)
    }

    @Test func nothingAppearsOutsideWhenTheStagingFolderIsSwappedForALink() throws {
        let (parent, outside) = ("\(share.mount)/home", share.outside)
        try share.makeFolder(parent, uid: 777)
        let staging = "\(parent)/.roster.alice"
        var made = 0
        let attack: @Sendable () -> Void = {
            _ = rename(staging, "\(parent)/stolen")
            _ = symlink(outside, staging)
            _ = unlink(staging)
            _ = rmdir("\(parent)/stolen")
        }
        during(attack) {
            for _ in 0..<2_000 {
                do throws(HomeError) {
                    if try maker.make(share.home()) == .made { made += 1 }
                } catch { continue }
                // Under its name it stands whole, or not at all.
                #expect((try? share.names(in: "\(parent)/alice")) == ["1", "2", "3", "4", "5"])
                #expect(share.seal("\(parent)/alice") == "10432:10000 700")
                try? FileManager.default.removeItem(atPath: "\(parent)/alice")
            }
        }
        #expect(try share.names(in: share.outside) == [])
    }

    @Test func aFolderThatIsPutInTheHomesPlaceIsNotReplaced() throws {
        let home = "\(share.mount)/home/alice"
        try share.makeFolder("\(share.mount)/home")
        let (put, replaced) = (Tally(), Tally())
        let attack: @Sendable () -> Void = {
            guard mkdir(home, 0o755) == 0 else { return }
            var (before, after) = (stat(), stat())
            guard lstat(home, &before) == 0 else { return }
            put.count()
            for _ in 0..<200 where lstat(home, &after) == 0 && after.st_ino != before.st_ino {
                replaced.count()
                return
            }
            rmdir(home)
        }
        during(attack) {
            for _ in 0..<2_000 where (try? maker.make(share.home())) == .made {
                try? FileManager.default.removeItem(atPath: home)
            }
        }
        #expect(put.total > 0, "the race did not take place")
        #expect(replaced.total == 0)
    }

    @Test func aLinkThatIsPutInTheHomesPlaceIsNotFollowed() throws {
        let (home, outside) = ("\(share.mount)/home/alice", share.outside)
        try share.makeFolder("\(share.mount)/home", uid: 777)
        let attack: @Sendable () -> Void = {
            _ = symlink(outside, home)
            _ = unlink(home)
        }
        during(attack) {
            for _ in 0..<2_000 {
                _ = try? maker.make(share.home())
                try? FileManager.default.removeItem(atPath: home)
            }
        }
        #expect(try share.names(in: share.outside) == [])
        #expect(share.seal(share.outside) == "0:0 755")
    }
}

/// Asks a thread to end.
private final class Stop: Sendable {
    private let asked = Atomic(false)

    var isAsked: Bool { asked.load(ordering: .relaxed) }

    func ask() {
        asked.store(true, ordering: .relaxed)
    }
}

/// Counts in several threads.
private final class Tally: Sendable {
    private let value = Atomic(0)

    var total: Int { value.load(ordering: .relaxed) }

    func count() {
        value.add(1, ordering: .relaxed)
    }
}
