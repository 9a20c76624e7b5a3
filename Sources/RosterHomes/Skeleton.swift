import Glibc
import RosterModel

/// The folder whose content a new home starts with, normally `/etc/skel`.
struct Skeleton {
    /// How many levels of folders a skeleton may have: each level holds descriptors open.
    static let deepest = 32

    let path: String

    /// Copies regular files, folders and symbolic links (as links) into `folder`, owned by `owner`, without setuid and
    /// setgid. Skips devices, pipes and sockets. A missing skeleton counts as empty.
    /// - Parameter place: the final path of `folder`, for error messages.
    func copy(into folder: borrowing Descriptor, at place: String, owner: Owner) throws(HomeError) {
        let source: Descriptor
        do {
            source = try Descriptor.folder(at: path, followingLast: true)
        } catch {
            if error.code == ENOENT { return }
            throw .cannot("open the skeleton folder \(path)", error)
        }
        try Copy(owner: owner).content(of: source, at: path, into: folder, at: place, depth: 1)
    }
}

/// One copy operation.
private struct Copy {
    let owner: Owner

    func content(
        of source: borrowing Descriptor, at sourcePlace: String,
        into target: borrowing Descriptor, at targetPlace: String, depth: Int
    ) throws(HomeError) {
        guard depth <= Skeleton.deepest else {
            throw .refusal("cannot copy \(sourcePlace): the skeleton is more than \(Skeleton.deepest) folders deep")
        }
        let names: [EntryName]
        do {
            names = try source.names()
        } catch {
            throw .cannot("read the skeleton folder \(sourcePlace)", error)
        }
        for name in names {
            let (from, to) = ("\(sourcePlace)/\(name)", "\(targetPlace)/\(name)")
            let status: EntryStatus?
            do {
                status = try source.status(of: name)
            } catch {
                throw .cannot("read \(from)", error)
            }
            switch status?.kind {
            case .folder: try folder(name, in: source, at: from, into: target, at: to, depth: depth)
            case .file: try file(name, in: source, at: from, into: target, at: to)
            case .link: try link(name, in: source, at: from, into: target, at: to)
            case .other, nil: continue
            }
        }
    }

    private func folder(
        _ name: EntryName, in source: borrowing Descriptor, at from: String,
        into target: borrowing Descriptor, at to: String, depth: Int
    ) throws(HomeError) {
        let old: Descriptor
        do {
            old = try source.folder(name)
        } catch {
            throw .cannot("read the skeleton folder \(from)", error)
        }
        let mode = try status(of: old, at: from).mode
        let new: Descriptor
        do {
            try target.makeFolder(name)
            new = try target.folder(name)
        } catch {
            throw .cannot("make the folder \(to)", error)
        }
        try content(of: old, at: from, into: new, at: to, depth: depth + 1)
        try finish(new, mode: mode, at: to)
    }

    private func file(
        _ name: EntryName, in source: borrowing Descriptor, at from: String,
        into target: borrowing Descriptor, at to: String
    ) throws(HomeError) {
        let old: Descriptor
        do {
            old = try source.file(name)
        } catch {
            throw .cannot("read \(from)", error)
        }
        let status = try status(of: old, at: from)
        guard status.kind == .file else { return }
        let new: Descriptor
        do {
            new = try target.makeFile(name)
        } catch {
            throw .cannot("make \(to)", error)
        }
        try bytes(of: old, at: from, into: new, at: to)
        try finish(new, mode: status.mode, at: to)
    }

    private func bytes(
        of source: borrowing Descriptor, at from: String, into target: borrowing Descriptor, at to: String
    ) throws(HomeError) {
        let (reading, writing) = (source.number, target.number)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let room = buffer.count
            let count: Int
            do {
                count = try systemCall { read(reading, &buffer, room) }
            } catch {
                throw .cannot("read \(from)", error)
            }
            if count == 0 { return }
            var written = 0
            while written < count {
                do {
                    written += try systemCall {
                        buffer[written..<count].withUnsafeBytes { write(writing, $0.baseAddress, $0.count) }
                    }
                } catch {
                    throw .cannot("write \(to)", error)
                }
            }
        }
    }

    private func link(
        _ name: EntryName, in source: borrowing Descriptor, at from: String,
        into target: borrowing Descriptor, at to: String
    ) throws(HomeError) {
        do {
            try target.makeLink(name, to: try source.target(of: name), owner: owner)
        } catch {
            throw .cannot("copy the symbolic link \(from) to \(to)", error)
        }
    }

    private func status(of old: borrowing Descriptor, at place: String) throws(HomeError) -> EntryStatus {
        do {
            return try old.status()
        } catch {
            throw .cannot("read \(place)", error)
        }
    }

    private func finish(_ new: borrowing Descriptor, mode: UInt16, at place: String) throws(HomeError) {
        do {
            try new.setOwner(owner)
            try new.setMode(mode & 0o777)
            try new.synchronize()
        } catch {
            throw .cannot("finish \(place)", error)
        }
    }
}
