import Foundation
import Glibc
import RosterHomes
import RosterModel
import Testing

/// A folder of its own for one test: `share`, which stands for the mount, beside `outside`, where nothing may appear,
/// and `skel`. Everything goes when the test ends.
final class Share {
    let root: String
    private var mounted: String?

    var mount: String { root + "/share" }
    var outside: String { root + "/outside" }
    var skeleton: String { root + "/skel" }

    /// - Parameter inMemory: whether all of it is to be in memory, where much can be done in little time.
    init(inMemory: Bool = false) throws {
        var name = Array("/tmp/roster-homes-XXXXXX".utf8CString)
        try #require(mkdtemp(&name) != nil, "cannot make a folder for the test")
        root = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        // The tests give folders to others, as the program does.
        try #require(geteuid() == 0, "the tests of homes must run as root")
        try #require(chmod(root, 0o755) == 0)
        if inMemory { try mountMemory("size=64m,mode=755", at: root) }
        for path in [mount, outside, skeleton] { try makeFolder(path) }
    }

    deinit {
        unmount()
        try? FileManager.default.removeItem(atPath: root)
    }

    /// Mounts a file system in memory on the share: small, to be full soon.
    func mountMemory(_ options: String, at path: String? = nil) throws {
        let path = path ?? mount
        try #require(Glibc.mount("roster-test", path, "tmpfs", 0, options) == 0, "cannot mount a tmpfs: \(reason())")
        mounted = path
    }

    func remountReadOnly() throws {
        let flags = CUnsignedLong(MS_REMOUNT) | CUnsignedLong(MS_RDONLY)
        try #require(Glibc.mount("roster-test", mount, "tmpfs", flags, nil) == 0, "cannot remount: \(reason())")
    }

    func unmount() {
        guard let path = mounted else { return }
        mounted = nil
        if umount2(path, 0) != 0 { Issue.record("cannot unmount \(path): \(reason())") }
    }

    func home(_ name: String = "alice", uid: UInt32 = 10432, gid: UInt32 = 10000, mode: UInt16 = 0o700) -> Home {
        Home(mount: mount, path: "\(mount)/home/\(name)", uidNumber: uid, gidNumber: gid, mode: FileMode(bits: mode))
    }

    func makeFolder(_ path: String, uid: UInt32 = 0, mode: UInt32 = 0o755) throws {
        try #require(mkdir(path, 0o700) == 0, "cannot make \(path): \(reason())")
        try #require(chown(path, uid, uid) == 0 && chmod(path, mode) == 0, "cannot give \(path) away: \(reason())")
    }

    func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try #require(chmod(path, mode) == 0, "cannot change \(path): \(reason())")
    }

    func link(_ path: String, to target: String) throws {
        try #require(symlink(target, path) == 0, "cannot link \(path): \(reason())")
    }

    func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    func names(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    /// Owner, group and mode, as `10432:10000 700`; nil where nothing stands there.
    func seal(_ path: String) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return "\(status.st_uid):\(status.st_gid) \(String(status.st_mode & 0o7777, radix: 8))"
    }

    func inode(_ path: String) -> UInt? {
        var status = stat()
        return lstat(path, &status) == 0 ? UInt(status.st_ino) : nil
    }

    private func reason() -> String { String(cString: strerror(errno)) }
}

/// What `HomeCreator` says when it refuses.
func fault(_ body: () throws(HomeError) -> some Any) -> String {
    do throws(HomeError) {
        let result = try body()
        Issue.record("there was no fault, but \(result)")
        return ""
    } catch {
        #expect(!error.description.contains { $0.isNewline }, "a fault is one line")
        return error.description
    }
}
