import Glibc
import RosterHomes
import RosterModel
import Testing

@Suite(.asRoot, .timeLimit(.minutes(5))) struct PathTests {
    private let share: Share
    private let maker: HomeCreator

    init() throws {
        share = try Share()
        maker = try HomeCreator(skeleton: nil, roots: [share.root])
    }

    private func refusal(_ path: String, mount: String? = nil) -> String {
        let home = Home(
            mount: mount ?? share.mount, path: path, uidNumber: 10432, gidNumber: 10000, mode: FileMode(bits: 0o700))
        let text = fault { () throws(HomeError) in try maker.make(home) }
        #expect(fault { () throws(HomeError) in try maker.owner(of: home) } == text)
        return text
    }

    @Test(arguments: [
        "", "/", "/..", "/../outside/alice", "/home/../../outside/alice", "/home/./alice", "//home/alice",
        "/home//alice",
        "/home/alice/", "/home/alice/..", "/home/alice\0/x", "/home/.roster.alice", "/.roster.home/alice", "x/alice",
    ])
    func refusesPathsThatAreNotPlain(tail: String) throws {
        #expect(refusal(share.mount + tail).contains("is refused"))
        #expect(try share.names(in: share.mount) == [])
        #expect(try share.names(in: share.outside) == [])
    }

    @Test func refusesAHomeThatIsNotBelowTheMount() throws {
        #expect(refusal("\(share.outside)/alice").contains("is not below the mount"))
        #expect(refusal("home/alice").contains("is not an absolute path"))
        #expect(refusal("").contains("is not an absolute path"))
        #expect(try share.names(in: share.outside) == [])
    }

    @Test(arguments: ["", "/", "share", "//share", "/share/", "/share/../share", "/share/."])
    func refusesMountsThatAreNotPlain(mount: String) {
        #expect(refusal("\(mount)/home/alice", mount: mount).contains("is refused"))
    }

    @Test func refusesAMountThatOnlyLooksLikeTheHomes() throws {
        let text = refusal("\(share.root)/zoe\u{308}/alice", mount: "\(share.root)/zo\u{EB}")
        #expect(text.contains("is not below the mount"))
    }

    @Test func doesNotMakeAMountThatIsMissing() throws {
        let mount = "\(share.root)/nas"
        let text = refusal("\(mount)/home/alice", mount: mount)
        #expect(text == "the mount \(mount) is not there; is it mounted?")
        #expect(share.seal(mount) == nil)
    }

    @Test func refusesAMountThatIsALinkOrAFile() throws {
        try share.link("\(share.root)/nas", to: share.outside)
        #expect(refusal("\(share.root)/nas/alice", mount: "\(share.root)/nas").contains("is no folder"))
        try share.write("", to: "\(share.root)/file")
        #expect(refusal("\(share.root)/file/alice", mount: "\(share.root)/file").contains("is no folder"))
        #expect(try share.names(in: share.outside) == [])
    }

    @Test func makesNothingOutsideOfTheRoots() throws {
        let bound = try HomeCreator(skeleton: nil, roots: ["\(share.root)/nowhere", share.mount])
        #expect(try bound.make(share.home()) == .made)
        let outside = Home(
            mount: share.outside, path: "\(share.outside)/alice", uidNumber: 10432, gidNumber: 10000,
            mode: FileMode(bits: 0o700))
        let text = fault { () throws(HomeError) in try bound.make(outside) }
        #expect(text.contains("the mount \(share.outside) is not below \(share.root)/nowhere or \(share.mount)"))
        #expect(fault { () throws(HomeError) in try bound.owner(of: outside) } == text)
        // A name that only begins like a root is not below it.
        let beside = Home(
            mount: share.mount + "2", path: "\(share.mount)2/alice", uidNumber: 10432, gidNumber: 10000,
            mode: FileMode(bits: 0o700))
        #expect(fault { () throws(HomeError) in try bound.make(beside) }.contains("is not below"))
        #expect(try share.names(in: share.outside) == [])
    }

    @Test func followsNoLinkBetweenARootAndAMount() throws {
        try share.makeFolder("\(share.outside)/lab")
        try share.link("\(share.root)/labs", to: share.outside)
        #expect(refusal("\(share.root)/labs/lab/alice", mount: "\(share.root)/labs/lab").contains("is no folder"))
        #expect(try share.names(in: "\(share.outside)/lab") == [])
    }

    @Test(arguments: ["", "/", "share", "/share/", "/share/../etc", "//share", "/a\0b"])
    func refusesRootsThatAreNotPlain(root: String) {
        #expect(throws: HomeError.self) { try HomeCreator(roots: [root]) }
    }

    @Test(arguments: [true, false])
    func followsNoLinkOnTheWay(absolute: Bool) throws {
        try share.link("\(share.mount)/home", to: absolute ? share.outside : "../outside")
        let text = refusal("\(share.mount)/home/alice")
        #expect(text.contains("\(share.mount)/home,") && text.contains("symbolic link"))
        #expect(try share.names(in: share.outside) == [])
    }

    @Test func followsNoLinkThatStaysInTheMount() throws {
        try share.makeFolder("\(share.mount)/real")
        try share.link("\(share.mount)/home", to: "real")
        #expect(refusal("\(share.mount)/home/alice").contains("symbolic link"))
        #expect(try share.names(in: "\(share.mount)/real") == [])
    }

    @Test(arguments: [true, false])
    func followsNoLinkInTheHomesPlace(dangling: Bool) throws {
        try share.makeFolder("\(share.mount)/home")
        if !dangling { try share.makeFolder("\(share.outside)/alice", uid: 10432) }
        try share.link("\(share.mount)/home/alice", to: "\(share.outside)/alice")
        let text = fault { () throws(HomeError) in try maker.make(share.home()) }
        #expect(text.contains("a symbolic link, owned by uid 0"))
        #expect(try share.names(in: share.outside) == (dangling ? [] : ["alice"]))
        #expect(try share.names(in: "\(share.mount)/home") == ["alice"])
    }

    @Test func refusesAFileOnTheWay() throws {
        try share.write("", to: "\(share.mount)/home")
        let text = refusal("\(share.mount)/home/alice")
        #expect(text.contains("\(share.mount)/home,") && text.contains("no folder"))
    }

    @Test func refusesTheNumberThatMeansNobody() throws {
        for home in [share.home(uid: .max), share.home(gid: .max)] {
            #expect(fault { () throws(HomeError) in try maker.make(home) }.contains("no uid or gid"))
        }
        #expect(try share.names(in: share.mount) == [])
    }

    @Test func refusesANameThatIsTooLong() throws {
        let text = fault { () throws(HomeError) in try maker.make(share.home(String(repeating: "x", count: 250))) }
        #expect(text.contains("shorten the name"))
        #expect(try share.names(in: "\(share.mount)/home") == [])
    }
}
