import Glibc
import RosterHomes
import RosterModel
import Testing

/// What an earlier run left when the machine stopped.
@Suite(.asRoot, .timeLimit(.minutes(5))) struct ResumeTests {
    private let share: Share
    private let maker: HomeCreator
    private var parent: String { "\(share.mount)/home" }
    private var staging: String { "\(share.mount)/home/.roster.alice" }

    init() throws {
        share = try Share()
        try share.makeFolder("\(share.mount)/home")
        try share.write("whole", to: "\(share.skeleton)/.bashrc")
        maker = try HomeCreator(skeleton: share.skeleton, roots: [share.root])
    }

    /// Leaves a home as a run would that was stopped in the middle of copying.
    private func leave(_ name: String, uid: UInt32) throws {
        if share.seal(staging) == nil { try share.makeFolder(staging, mode: 0o700) }
        try share.makeFolder("\(staging)/\(name)", uid: uid, mode: 0o700)
        try share.makeFolder("\(staging)/\(name)/.config", uid: uid, mode: 0o500)
        try share.write("ha", to: "\(staging)/\(name)/.config/.bashrc", mode: 0o400)
        try share.link("\(staging)/\(name)/outside", to: share.outside)
    }

    @Test(arguments: [0, 10432] as [UInt32])
    func beginsAgainAfterACrash(uid: UInt32) throws {
        try share.write("theirs", to: "\(share.outside)/file")
        try leave("new-0123456789abcdef", uid: uid)
        try leave("new-00000000000000ff", uid: uid)
        try leave("old-0123456789abcdef", uid: uid)
        #expect(try maker.make(share.home()) == .made)
        #expect(try share.names(in: parent) == ["alice"])
        #expect(try share.names(in: "\(parent)/alice") == [".bashrc"])
        #expect(try share.read("\(parent)/alice/.bashrc") == "whole")
        #expect(try share.names(in: share.outside) == ["file"])
    }

    @Test func takesAnEmptyStagingFolder() throws {
        try share.makeFolder(staging, mode: 0o700)
        #expect(try maker.make(share.home()) == .made)
        #expect(try share.names(in: parent) == ["alice"])
    }

    @Test func removesWhatIsLeftBesideAHomeThatIsThere() throws {
        #expect(try maker.make(share.home()) == .made)
        try leave("old-0123456789abcdef", uid: 0)
        #expect(try maker.make(share.home()) == .found)
        #expect(try share.names(in: parent) == ["alice"])
    }

    @Test func beginsAgainWithAFolderOnTheWay() throws {
        try share.makeFolder("\(parent)/.roster.dept", mode: 0o700)
        try share.makeFolder("\(parent)/.roster.dept/new-0123456789abcdef", mode: 0o700)
        #expect(try maker.make(share.home("dept/alice")) == .made)
        #expect(try share.names(in: parent) == ["dept"])
        #expect(share.seal("\(parent)/dept") == "0:0 755")
    }

    @Test(arguments: ["owner", "mode", "content", "file", "link"])
    func touchesNothingThatOnlyHasTheStagingName(what: String) throws {
        switch what {
        case "owner": try share.makeFolder(staging, uid: 10432, mode: 0o700)
        case "mode": try share.makeFolder(staging, mode: 0o755)
        case "content":
            try share.makeFolder(staging, mode: 0o700)
            try share.write("precious", to: "\(staging)/backup.tar")
        case "file": try share.write("", to: staging)
        default: try share.link(staging, to: share.outside)
        }
        let seal = share.seal(staging)
        let text = fault { () throws(HomeError) in try maker.make(share.home()) }
        #expect(text.contains(staging) && text.contains("is not Roster's"))
        #expect(share.seal(staging) == seal)
        #expect(try share.names(in: parent) == [".roster.alice"])
        #expect(try share.names(in: share.outside) == [])
        if what == "content" { #expect(try share.read("\(staging)/backup.tar") == "precious") }
    }

    /// As on NFS, which has no RENAME_NOREPLACE.
    @Suite(.asRoot, .timeLimit(.minutes(5))) struct WithoutExclusiveRenaming {
        private let share: Share
        private let maker: HomeCreator

        init() throws {
            share = try Share()
            try share.write("whole", to: "\(share.skeleton)/.bashrc")
            maker = try HomeCreator(skeleton: share.skeleton, roots: [share.root], renamesExclusively: false)
        }

        @Test func makesAndFindsTheHome() throws {
            #expect(try maker.make(share.home()) == .made)
            #expect(try maker.make(share.home()) == .found)
            #expect(share.seal("\(share.mount)/home/alice") == "10432:10000 700")
            #expect(try share.names(in: "\(share.mount)/home") == ["alice"])
        }

        @Test func leavesAnothersFolderAsItIs() throws {
            try share.makeFolder("\(share.mount)/home")
            try share.makeFolder("\(share.mount)/home/alice", uid: 777)
            #expect(fault { () throws(HomeError) in try maker.make(share.home()) }.contains("uid 777"))
            #expect(share.seal("\(share.mount)/home/alice") == "777:777 755")
        }

        @Test func homesAtOnceDoNotHinderEachOther() async throws {
            let (maker, homes) = (maker, (0..<40).map { share.home("u\($0 / 4)", uid: UInt32(10_000 + $0 / 4)) })
            let outcomes = try await withThrowingTaskGroup(of: HomeOutcome.self) { group in
                for home in homes { group.addTask { try maker.make(home) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == .made } == 10)
            #expect(try share.names(in: "\(share.mount)/home").count == 10)
        }
    }
}
