#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Users as a store delivers them, in any order, stored as bytes until a snapshot is built from them.
///
/// Only one thread may add users at a time, and none after the arena has been handed on.
package final class UserArena: @unchecked Sendable {
    // Unchecked: its creator fills it, and afterwards it is only read.

    /// The index of a cluster in `clusters`. It is meaningless in any other list of clusters, in particular a
    /// snapshot's (`ClusterNumber`).
    package struct ClusterPlace {
        fileprivate var value: UInt32

        /// The element for this cluster in `elements`, which has one element for each of `clusters`.
        package func element<Element>(of elements: [Element]) -> Element { elements[Int(value)] }
    }

    /// The fields that decide where a user goes in a snapshot.
    package struct Key {
        package let createTime: Int64
        package let id: UInt64
        fileprivate let bytes: UnsafeRawPointer
        /// The last field, so that a 32-bit number stored next to a key fits into its padding.
        package fileprivate(set) var cluster: ClusterPlace
    }

    package private(set) var keys: [Key] = []
    /// The clusters of the users, in order of first appearance.
    package private(set) var clusters: [ClusterID] = []
    private var placeOfCluster: [ClusterID: ClusterPlace] = [:]
    private var last: (cluster: [UInt8], place: ClusterPlace)?
    private var chunks: [(start: UnsafeMutableRawPointer, size: Int)] = []
    private var free: UnsafeMutableRawPointer?
    private var room = 0

    /// Whether the system had no memory left for a user, who is missing then.
    package private(set) var isExhausted = false

    private static let chunkSize = 4 << 20

    /// The number of users.
    package var count: Int { keys.count }

    /// Creates an empty arena.
    private let maximumBytes: Int

    package init(maximumBytes: Int = .max) {
        self.maximumBytes = maximumBytes
    }

    /// Creates an arena with copies of `users`.
    package convenience init(_ users: some Sequence<User>) {
        self.init()
        for user in users { add(user) }
    }

    deinit {
        for chunk in chunks { munmap(chunk.start, chunk.size) }
    }

    /// Adds a copy of `user`.
    package func add(_ user: User) {
        user.withFields { add($0) }
    }

    /// Adds a user, copying its fields.
    package func add(_ fields: UserView) {
        let length = MemoryLayout<Head>.size + fields.textLength
        guard let place = reserve(length) else {
            isExhausted = true
            return
        }
        place.storeBytes(of: Head(fields), as: Head.self)
        var end = place + MemoryLayout<Head>.size
        fields.forEachText { text in
            if let base = text.baseAddress { end.copyMemory(from: base, byteCount: text.count) }
            end += text.count
        }
        keys.append(
            Key(
                createTime: fields.createTime.seconds,
                id: PackedIdentifier(fields.id, prefix: PackedIdentifier.userPrefix).bits,
                bytes: UnsafeRawPointer(place), cluster: self.place(of: fields.cluster)))
    }

    /// Moves all users of `other` into this arena and leaves `other` empty.
    package func merge(_ other: UserArena) {
        let places = other.clusters.map { place(of: $0) }
        keys.reserveCapacity(keys.count + other.keys.count)
        for var key in other.keys {
            key.cluster = key.cluster.element(of: places)
            keys.append(key)
        }
        chunks += other.chunks
        isExhausted = isExhausted || other.isExhausted
        (other.chunks, other.keys, other.free, other.room) = ([], [], nil, 0)
    }

    /// Calls `body` with the fields of the user of `key`, which must be one of `keys`.
    package func withFields<Result>(_ key: Key, _ body: (UserView) -> Result) -> Result {
        let head = key.bytes.loadUnaligned(as: Head.self)
        var clusterText = key.cluster.element(of: clusters).text
        return clusterText.withUTF8 { cluster in
            body(head.fields(texts: key.bytes + MemoryLayout<Head>.size, cluster: cluster))
        }
    }

    /// Copies of the users, for callers that do not need speed.
    package var users: [User] { keys.map { withFields($0) { User($0) } } }

    private func place(of cluster: UserView.Text) -> ClusterPlace {
        if let last, last.cluster.count == cluster.count, last.cluster.elementsEqual(cluster) { return last.place }
        let place = place(of: ClusterID(stored: String(decoding: cluster, as: UTF8.self)))
        last = (Array(cluster), place)
        return place
    }

    private func place(of cluster: ClusterID) -> ClusterPlace {
        if let place = placeOfCluster[cluster] { return place }
        let place = ClusterPlace(value: UInt32(clusters.count))
        clusters.append(cluster)
        placeOfCluster[cluster] = place
        return place
    }

    /// Nil where the system has no memory left.
    private func reserve(_ length: Int) -> UnsafeMutableRawPointer? {
        if let free, length <= room {
            room -= length
            self.free = free + length
            return free
        }
        let size = max(length, Self.chunkSize)
        // Mapped instead of allocated on the heap, so that all of it returns to the system once the snapshot is built.
        guard chunks.reduce(0, { $0 + $1.size }) <= maximumBytes - size,
            let chunk = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            chunk != MAP_FAILED
        else { return nil }
        chunks.append((chunk, size))
        room = size - length
        free = chunk + length
        return chunk
    }

    /// The fixed-size fields of a user.
    private struct Head {
        /// Stand for a missing time and a missing mode.
        private static let noTime = Int64.min
        private static let noMode = UInt16.max

        let createTime: Int64
        let updateTime: Int64
        let revision: Int64
        let expires: Int64
        let passwordTime: Int64
        let uidNumber: UInt32
        let gidNumber: UInt32
        let lengths: SIMD8<UInt32>
        let attributesLength: UInt32
        let mode: UInt16
        let role: Role
        let state: User.State

        init(_ fields: UserView) {
            createTime = fields.createTime.seconds
            updateTime = fields.updateTime.seconds
            revision = fields.revision.number
            expires = fields.expires?.seconds ?? Self.noTime
            passwordTime = fields.passwordTime?.seconds ?? Self.noTime
            uidNumber = fields.uidNumber
            gidNumber = fields.gidNumber
            mode = fields.mode?.bits ?? Self.noMode
            role = fields.role
            state = fields.state
            var lengths = SIMD8<UInt32>()
            var index = 0
            fields.forEachText { text in
                if index < lengths.scalarCount { lengths[index] = UInt32(text.count) }
                index += 1
            }
            self.lengths = lengths
            attributesLength = UInt32(fields.attributes.count)
        }

        func fields(texts: UnsafeRawPointer, cluster: UserView.Text) -> UserView {
            var start = texts.assumingMemoryBound(to: UInt8.self)
            func text(_ index: Int) -> UserView.Text {
                let length = index < lengths.scalarCount ? lengths[index] : attributesLength
                let text = UserView.Text(start: start, count: Int(length))
                start += text.count
                return text
            }
            func time(_ seconds: Int64) -> Timestamp? {
                seconds == Self.noTime ? nil : Timestamp(seconds: seconds)
            }
            return UserView(
                id: text(0), cluster: cluster, account: text(1), username: text(2), nasMountPoint: text(3),
                homeDirectory: text(4), loginShell: text(5), gecos: text(6), password: text(7), attributes: text(8),
                uidNumber: uidNumber,
                gidNumber: gidNumber, role: role, mode: mode == Self.noMode ? nil : FileMode(bits: mode),
                createTime: Timestamp(seconds: createTime), updateTime: Timestamp(seconds: updateTime), state: state,
                expires: time(expires), passwordTime: time(passwordTime), revision: Revision(revision))
        }
    }
}

extension UserView {
    /// Calls `body` with the texts of the user, in a fixed order.
    fileprivate func forEachText(_ body: (Text) -> Void) {
        body(id)
        body(account)
        body(username)
        body(nasMountPoint)
        body(homeDirectory)
        body(loginShell)
        body(gecos)
        body(password)
        body(attributes)
    }

    fileprivate var textLength: Int {
        var length = 0
        forEachText { length += $0.count }
        return length
    }
}
