import Glibc
import RosterHomes
import RosterModel
import Testing

@Suite(.asRoot, .timeLimit(.minutes(5))) struct HomeMakerTests {
    private let share: Share
    private let maker: HomeCreator

    init() throws {
        share = try Share()
        maker = try HomeCreator(skeleton: share.skeleton, roots: [share.root])
    }

    @Test func makesTheHomeAndTheFoldersOnTheWay() throws {
        #expect(try maker.make(share.home()) == .made)
        #expect(share.seal("\(share.mount)/home") == "0:0 755")
        #expect(share.seal("\(share.mount)/home/alice") == "10432:10000 700")
        #expect(try share.names(in: "\(share.mount)/home") == ["alice"])
        #expect(try share.names(in: share.mount) == ["home"])
        #expect(try maker.owner(of: share.home()) == 10432)
    }

    @Test func leavesFoldersOnTheWayAsTheyAre() throws {
        try share.makeFolder("\(share.mount)/home", uid: 77, mode: 0o1777)
        #expect(try maker.make(share.home()) == .made)
        #expect(share.seal("\(share.mount)/home") == "77:77 1777")
    }

    @Test func takesNoModeFromTheProcess() throws {
        let old = umask(0o077)
        defer { umask(old) }
        #expect(try maker.make(share.home(mode: 0o775)) == .made)
        #expect(share.seal("\(share.mount)/home") == "0:0 755")
        #expect(share.seal("\(share.mount)/home/alice") == "10432:10000 775")
    }

    @Test(arguments: [0o700, 0o750, 0o2750, 0o711] as [UInt16])
    func givesTheModeThatIsAsked(mode: UInt16) throws {
        #expect(try maker.make(share.home(mode: mode)) == .made)
        #expect(share.seal("\(share.mount)/home/alice") == "10432:10000 \(String(mode, radix: 8))")
    }

    @Test(arguments: ["a b", "-rf", "zoë", "zoe\u{308}", "用户", "*", "a\nb", "..a", "...", " ", "\\", "$(id)"])
    func takesAnyNameOfAFolder(name: String) throws {
        #expect(try maker.make(share.home(name)) == .made)
        #expect(try maker.make(share.home(name)) == .found)
        #expect(try share.names(in: "\(share.mount)/home").map { Array($0.utf8) } == [Array(name.utf8)])
    }

    @Test func namesThatOnlyLookAlikeAreTwoHomes() throws {
        #expect(try maker.make(share.home("zo\u{EB}")) == .made)
        #expect(try maker.make(share.home("zoe\u{308}", uid: 10433)) == .made)
        #expect(try share.names(in: "\(share.mount)/home").count == 2)
    }

    @Test func runningTwiceFindsIt() throws {
        #expect(try maker.make(share.home()) == .made)
        try share.write("mine", to: "\(share.mount)/home/alice/thesis")
        let inode = share.inode("\(share.mount)/home/alice")
        #expect(try maker.make(share.home(gid: 5, mode: 0o755)) == .found)
        #expect(share.seal("\(share.mount)/home/alice") == "10432:10000 700")
        #expect(share.inode("\(share.mount)/home/alice") == inode)
        #expect(try share.names(in: "\(share.mount)/home/alice") == ["thesis"])
    }

    @Test func leavesAnothersFolderAsItIs() throws {
        try share.makeFolder("\(share.mount)/home")
        try share.makeFolder("\(share.mount)/home/alice", uid: 777, mode: 0o2770)
        try share.write("hers", to: "\(share.mount)/home/alice/thesis")
        let text = fault { () throws(HomeError) in try maker.make(share.home()) }
        #expect(text.contains("\(share.mount)/home/alice") && text.contains("uid 777"))
        #expect(share.seal("\(share.mount)/home/alice") == "777:777 2770")
        #expect(try share.read("\(share.mount)/home/alice/thesis") == "hers")
        #expect(try share.names(in: "\(share.mount)/home") == ["alice"])
        #expect(try maker.owner(of: share.home()) == 777)
    }

    @Test func refusesAFileInTheHomesPlace() throws {
        try share.makeFolder("\(share.mount)/home")
        try share.write("x", to: "\(share.mount)/home/alice")
        #expect(fault { () throws(HomeError) in try maker.make(share.home()) }.contains("no folder, owned by uid 0"))
        #expect(try share.read("\(share.mount)/home/alice") == "x")
    }

    @Test func ownerOfWhatIsNotThereIsNil() throws {
        #expect(try maker.owner(of: share.home()) == nil)
        try share.makeFolder("\(share.mount)/home")
        #expect(try maker.owner(of: share.home()) == nil)
    }

    @Test func ownerOfALinkIsTheLinks() throws {
        try share.makeFolder("\(share.mount)/home")
        try share.makeFolder("\(share.outside)/alice", uid: 99)
        try share.link("\(share.mount)/home/alice", to: "\(share.outside)/alice")
        #expect(try maker.owner(of: share.home()) == 0)
    }

    @Test func homesAtOnceDoNotHinderEachOther() async throws {
        let (maker, homes) = (maker, (0..<40).map { share.home("user\($0 / 2)", uid: UInt32(10_000 + $0 / 2)) })
        let outcomes = try await withThrowingTaskGroup(of: HomeOutcome.self) { group in
            for home in homes { group.addTask { try maker.make(home) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == .made } == 20)
        #expect(try share.names(in: "\(share.mount)/home").count == 20)
        #expect(try share.names(in: share.mount) == ["home"])
    }

    @Test func leavesNoDescriptorOpen() throws {
        try share.write("x", to: "\(share.skeleton)/.bashrc")
        try share.makeFolder("\(share.skeleton)/.config")
        // Other tests open files too, at the same time, but only in their own folders.
        func ours() throws -> [String] {
            try share.names(in: "/proc/self/fd").filter { number in
                var target = [CChar](repeating: 0, count: Int(PATH_MAX))
                guard readlink("/proc/self/fd/\(number)", &target, target.count - 1) > 0 else { return false }
                let path = target.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
                return String(decoding: path, as: UTF8.self).hasPrefix(share.root)
            }
        }
        _ = try maker.make(share.home())
        _ = try maker.make(share.home())
        _ = try maker.owner(of: share.home())
        _ = fault { () throws(HomeError) in try maker.make(share.home(uid: 1)) }
        _ = fault { () throws(HomeError) in try maker.make(share.home("alice/.bashrc/x")) }
        #expect(try ours() == [])
    }
}
