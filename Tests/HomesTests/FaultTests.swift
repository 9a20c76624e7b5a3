import Glibc
import RosterHomes
import RosterModel
import Testing

/// What an ill file system does to the making of homes.
@Suite(.asRoot, .timeLimit(.minutes(5))) struct FaultTests {
    private let share: Share
    private let maker: HomeCreator

    init() throws {
        share = try Share()
        maker = try HomeCreator(skeleton: share.skeleton, roots: [share.root])
    }

    @Test func aFullDiskLeavesNothingBehind() throws {
        try share.mountMemory("size=1m,mode=755")
        defer { share.unmount() }
        try share.makeFolder("\(share.skeleton)/.config")
        try share.write(String(repeating: "x", count: 2_000_000), to: "\(share.skeleton)/.config/large")
        let text = fault { () throws(HomeError) in try maker.make(share.home()) }
        #expect(
            text.hasPrefix("cannot write \(share.mount)/home/alice/.config/large: No space left on device; make room"))
        #expect(try share.names(in: "\(share.mount)/home") == [])
        try share.write("small", to: "\(share.skeleton)/.config/large")
        #expect(try maker.make(share.home()) == .made)
        #expect(try share.read("\(share.mount)/home/alice/.config/large") == "small")
    }

    @Test(arguments: 2...8)
    func aDiskWithoutInodesLeavesNothingBehind(inodes: Int) throws {
        // One for the share itself; the home needs `home`, a staging folder, its own and the skeleton's five.
        try share.mountMemory("nr_inodes=\(inodes),mode=755")
        defer { share.unmount() }
        for name in 1...5 { try share.write("", to: "\(share.skeleton)/\(name)") }
        let text = fault { () throws(HomeError) in try maker.make(share.home()) }
        #expect(text.hasPrefix("cannot make \(share.mount)/home") && text.contains("No space left on device"))
        for folder in try share.names(in: share.mount) {
            #expect(folder == "home")
            #expect(try share.names(in: "\(share.mount)/home") == [])
        }
    }

    @Test func aReadOnlyShareIsNamed() throws {
        try share.mountMemory("size=1m,mode=755")
        defer { share.unmount() }
        #expect(try maker.make(share.home()) == .made)
        try share.remountReadOnly()
        #expect(try maker.make(share.home()) == .found)
        #expect(try maker.owner(of: share.home()) == 10432)
        let text = fault { () throws(HomeError) in try maker.make(share.home("bob")) }
        #expect(text.hasPrefix("cannot make \(share.mount)/home/bob: Read-only file system; mount"))
    }

    @Test func missingRightsAreNamed() throws {
        try share.makeFolder("\(share.mount)/home")
        // Of this thread only, which the test does not leave: the file system's view of who asks.
        let library = try #require(dlopen(nil, RTLD_NOW))
        let symbol = try #require(dlsym(library, "setfsuid"))
        let setfsuid = unsafeBitCast(symbol, to: (@convention(c) (uid_t) -> CInt).self)
        _ = setfsuid(65534)
        defer { _ = setfsuid(0) }
        let text = fault { () throws(HomeError) in try maker.make(share.home()) }
        #expect(text.hasPrefix("cannot make \(share.mount)/home/alice: Permission denied; Roster must run as root"))
    }

    @Test func aShareInMemoryIsServedLikeAnyOther() throws {
        try share.mountMemory("size=2m,mode=755")
        defer { share.unmount() }
        try share.write("x", to: "\(share.skeleton)/.bashrc")
        #expect(try maker.make(share.home(mode: 0o2750)) == .made)
        #expect(share.seal("\(share.mount)/home/alice") == "10432:10000 2750")
        #expect(try share.names(in: "\(share.mount)/home") == ["alice"])
    }
}
