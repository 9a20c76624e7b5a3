import Foundation
import Glibc
import RosterHomes
import RosterModel
import Testing

@Suite(.asRoot, .timeLimit(.minutes(5))) struct SkeletonTests {
    private let share: Share
    private let maker: HomeCreator
    private var home: String { "\(share.mount)/home/alice" }

    init() throws {
        share = try Share()
        maker = try HomeCreator(skeleton: share.skeleton, roots: [share.root])
    }

    @Test func copiesFilesFoldersAndLinksForTheUser() throws {
        let long = String(repeating: "0123456789", count: 20_000)
        try share.write("export A=1\n", to: "\(share.skeleton)/.bashrc", mode: 0o640)
        try share.makeFolder("\(share.skeleton)/.config", mode: 0o2750)
        try share.makeFolder("\(share.skeleton)/.config/empty", mode: 0o500)
        try share.write(long, to: "\(share.skeleton)/.config/long", mode: 0o400)
        try share.link("\(share.skeleton)/data", to: "/scratch/of all")
        #expect(try maker.make(share.home()) == .made)
        #expect(try share.names(in: home) == [".bashrc", ".config", "data"])
        #expect(try share.read("\(home)/.bashrc") == "export A=1\n")
        #expect(share.seal("\(home)/.bashrc") == "10432:10000 640")
        #expect(share.seal("\(home)/.config") == "10432:10000 750")
        #expect(share.seal("\(home)/.config/empty") == "10432:10000 500")
        #expect(try share.read("\(home)/.config/long") == long)
        #expect(share.seal("\(home)/.config/long") == "10432:10000 400")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(home)/data") == "/scratch/of all")
        #expect(share.seal("\(home)/data") == "10432:10000 777")
    }

    @Test(arguments: [0o4755, 0o2755, 0o6755, 0o1755] as [UInt32])
    func dropsSetuidAndSetgid(mode: UInt32) throws {
        try share.write("#!/bin/sh\n", to: "\(share.skeleton)/tool", mode: mode)
        #expect(try maker.make(share.home()) == .made)
        #expect(share.seal("\(home)/tool") == "10432:10000 755")
    }

    @Test func leavesOutDevicesPipesAndSockets() throws {
        try #require(mkfifo("\(share.skeleton)/pipe", 0o644) == 0)
        try #require(mknod("\(share.skeleton)/null", S_IFCHR | 0o666, makedev(1, 3)) == 0)
        try #require(mknod("\(share.skeleton)/socket", S_IFSOCK | 0o666, 0) == 0)
        try share.write("x", to: "\(share.skeleton)/file")
        #expect(try maker.make(share.home()) == .made)
        #expect(try share.names(in: home) == ["file"])
    }

    @Test func copiesALinkToAFolderAsALink() throws {
        try share.makeFolder("\(share.outside)/secret")
        try share.write("s", to: "\(share.outside)/secret/key")
        try share.link("\(share.skeleton)/secret", to: "\(share.outside)/secret")
        #expect(try maker.make(share.home()) == .made)
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: "\(home)/secret") == "\(share.outside)/secret")
        #expect(share.seal("\(share.outside)/secret/key") == "0:0 644")
    }

    @Test func copiesNamesThatAreNotUTF8() throws {
        let name = Array("\(share.skeleton)/caf".utf8).map(CChar.init(bitPattern:)) + [CChar(bitPattern: 0xE9), 0]
        let file = creat(name, 0o644)
        try #require(file >= 0)
        close(file)
        #expect(try maker.make(share.home()) == .made)
        let copy = Array("\(home)/caf".utf8).map(CChar.init(bitPattern:)) + [CChar(bitPattern: 0xE9), 0]
        #expect(access(copy, F_OK) == 0)
    }

    @Test func aSkeletonThatIsMissingIsEmpty() throws {
        for (name, skeleton) in [("a", "\(share.root)/none"), ("b", nil)] {
            #expect(try HomeCreator(skeleton: skeleton, roots: [share.root]).make(share.home(name)) == .made)
            #expect(try share.names(in: "\(share.mount)/home/\(name)") == [])
        }
    }

    @Test func aSkeletonThatCannotBeCopiedLeavesNoHome() throws {
        var path = share.skeleton
        for _ in 0..<40 {
            path += "/d"
            try share.makeFolder(path)
        }
        #expect(fault { () throws(HomeError) in try maker.make(share.home()) }.contains("folders deep"))
        #expect(try share.names(in: "\(share.mount)/home") == [])
        try share.write("", to: "\(share.root)/file")
        let other = try HomeCreator(skeleton: "\(share.root)/file", roots: [share.root])
        #expect(fault { () throws(HomeError) in try other.make(share.home()) }.contains("\(share.root)/file"))
        #expect(try share.names(in: "\(share.mount)/home") == [])
    }
}

/// As the C library's macro does for small numbers.
private func makedev(_ major: UInt64, _ minor: UInt64) -> dev_t { dev_t(major << 8 | minor) }
