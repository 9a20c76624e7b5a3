import Glibc
import RosterModel

/// Operations in an open folder. None of them follows a symbolic link.
extension Descriptor {
    /// The status of the entry `name`; nil if there is none.
    func status(of name: EntryName) throws(SystemError) -> EntryStatus? {
        var status = stat()
        do {
            _ = try systemCall { fstatat(number, name.bytes, &status, AT_SYMLINK_NOFOLLOW) }
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
        return EntryStatus(status)
    }

    /// Opens the folder `name`.
    /// - Throws: ENOTDIR (or ELOOP) if `name` is a symbolic link or anything else but a folder.
    func folder(_ name: EntryName) throws(SystemError) -> Descriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        return Descriptor(owning: try systemCall { openat(number, name.bytes, flags) })
    }

    /// Opens a file for reading. If it has become a pipe meanwhile, the call does not wait for a writer.
    func file(_ name: EntryName) throws(SystemError) -> Descriptor {
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        return Descriptor(owning: try systemCall { openat(number, name.bytes, flags) })
    }

    /// Creates a new file with mode 0600 and opens it for writing.
    func makeFile(_ name: EntryName) throws(SystemError) -> Descriptor {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        return Descriptor(owning: try systemCall { openat(number, name.bytes, flags, 0o600) })
    }

    /// Creates a new folder with mode 0700.
    func makeFolder(_ name: EntryName) throws(SystemError) {
        _ = try systemCall { mkdirat(number, name.bytes, 0o700) }
    }

    /// Creates a new symbolic link.
    func makeLink(_ name: EntryName, to target: [CChar], owner: Owner) throws(SystemError) {
        _ = try systemCall { symlinkat(target, number, name.bytes) }
        _ = try systemCall { fchownat(number, name.bytes, owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW) }
    }

    /// The target of the symbolic link `name`, with a NUL at the end.
    func target(of name: EntryName) throws(SystemError) -> [CChar] {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let room = target.count - 1
        let count = try systemCall { readlinkat(number, name.bytes, &target, room) }
        return Array(target[..<count]) + [0]
    }

    /// The names in the folder, without `.` and `..`.
    func names() throws(SystemError) -> [EntryName] {
        // Opened again, because closing the stream closes its descriptor, and so that its position in the folder is
        // separate.
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        let again = try systemCall { openat(number, ".", flags) }
        guard let stream = fdopendir(again) else {
            let code = errno
            close(again)
            throw SystemError(code)
        }
        defer { closedir(stream) }
        var names: [EntryName] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                let code = errno
                if code == 0 { return names }
                throw SystemError(code)
            }
            // By its address: an entry is shorter than the structure, so the structure must not be copied.
            guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { throw SystemError(EIO) }
            let text = UnsafeRawPointer(entry).advanced(by: offset)
            let length = strlen(text.assumingMemoryBound(to: CChar.self))
            if let name = EntryName(UnsafeRawBufferPointer(start: text, count: length)) { names.append(name) }
        }
    }

    /// Removes the entry `name`, a folder with all its content. An entry that no longer exists is not an error.
    func remove(_ name: EntryName, depth: Int = Skeleton.deepest + 1) throws(SystemError) {
        guard depth > 0 else { throw SystemError(ELOOP) }
        do {
            guard let status = try status(of: name) else { return }
            if status.kind == .folder {
                let folder = try folder(name)
                for child in try folder.names() { try folder.remove(child, depth: depth - 1) }
            }
            _ = try systemCall { unlinkat(number, name.bytes, status.kind == .folder ? AT_REMOVEDIR : 0) }
        } catch {
            if error.code != ENOENT { throw error }
        }
    }

    /// Waits for exclusive use of the folder among the processes of this machine. Closing the descriptor releases the
    /// lock.
    ///
    /// This is best effort: network file systems restrict the lock to one machine, or do not support it.
    func waitForOthers() throws(SystemError) {
        do {
            _ = try systemCall { flock(number, LOCK_EX) }
        } catch {
            if ![ENOTSUP, ENOSYS, EINVAL, EBADF, ENOLCK].contains(error.code) { throw error }
        }
    }
}
