#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Users as a store hands them over, in any order: kept as bytes until a snapshot is laid out of them.
///
/// One thread at a time adds; once it is handed on, nobody adds any more.
package final class UserArena: @unchecked Sendable {
    // Unchecked: it is filled by the one that makes it and only read afterwards.

    /// A cluster's place in `clusters`. It means nothing in any other list of clusters, a snapshot's (`ClusterNumber`) least of
    /// all.
    package struct ClusterPlace {
        fileprivate var value: UInt32

        /// What `elements`, which has one for each of `clusters`, has for this one.
        package func element<Element>(of elements: [Element]) -> Element { elements[Int(value)] }
    }

    /// What a user's layout is decided by.
    package struct Key {
        package let createTime: Int64
        package let id: UInt64
        fileprivate let bytes: UnsafeRawPointer
        /// The last one: whoever adds a number of 32 bits to a key needs no more memory for both.
        package fileprivate(set) var cluster: ClusterPlace
    }

    package private(set) var keys: [Key] = []
    /// The clusters that users name, in the order of their appearance.
    package private(set) var clusters: [ClusterID] = []
    private var placeOfCluster: [ClusterID: ClusterPlace] = [:]
    private var last: (cluster: [UInt8], place: ClusterPlace)?
    private var chunks: [(start: UnsafeMutableRawPointer, size: Int)] = []
    private var free: UnsafeMutableRawPointer?
    private var room = 0

    private static let chunkSize = 4 << 20

    /// How many users there are.
    package var count: Int { keys.count }

    package init() {}

    package convenience init(_ users: some Sequence<User>) {
        self.init()
        for user in users { add(user) }
    }

    deinit {
        for chunk in chunks { munmap(chunk.start, chunk.size) }
    }

    package func add(_ user: User) {
        user.withFields { add($0) }
    }

    /// Copies the fields.
    package func add(_ fields: UserView) {
        let length = MemoryLayout<Head>.size + fields.textLength
        let place = reserve(length)
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

    /// Takes over what `other` has, which has nothing afterwards.
    package func merge(_ other: UserArena) {
        let places = other.clusters.map { place(of: $0) }
        keys.reserveCapacity(keys.count + other.keys.count)
        for var key in other.keys {
            key.cluster = key.cluster.element(of: places)
            keys.append(key)
        }
        chunks += other.chunks
        (other.chunks, other.keys, other.free, other.room) = ([], [], nil, 0)
    }

    /// Calls `body` with the fields of the user that `key` stands for, which is one of `keys`.
    package func withFields<Result>(_ key: Key, _ body: (UserView) -> Result) -> Result {
        let head = key.bytes.loadUnaligned(as: Head.self)
        var clusterText = key.cluster.element(of: clusters).text
        return clusterText.withUTF8 { cluster in
            body(head.fields(texts: key.bytes + MemoryLayout<Head>.size, cluster: cluster))
        }
    }

    /// The users one by one, for whoever needs no speed.
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

    private func reserve(_ length: Int) -> UnsafeMutableRawPointer {
        if let free, length <= room {
            room -= length
            self.free = free + length
            return free
        }
        let size = max(length, Self.chunkSize)
        // Not from the heap: once the snapshot is laid out, all of it goes back to the system.
        guard let chunk = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            chunk != MAP_FAILED
        else { fatalError("out of memory while loading users") }
        chunks.append((chunk, size))
        room = size - length
        free = chunk + length
        return chunk
    }

    /// All of a user that has a fixed size.
    private struct Head {
        /// Where there is no time, and no mode.
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
    /// The texts that are kept per user, in a fixed order.
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
