package import RosterModel

/// One thing that a store keeps, whole and with everything that was written beside it, as it goes from one store to another.
package enum StoreRecord: Sendable {
    /// The newest revision; the first of all records.
    case revision(Revision)
    case cluster(Cluster)
    /// A user that is there, or was removed at that time.
    case user(User, removed: Timestamp?)
    /// A group that is there, or was removed at that time. Its users come before it.
    case group(Group, removed: Timestamp?)
    /// A map entry that is there, or was removed at that time.
    case mapEntry(MapEntry, removed: Timestamp?)
    case allocation(IDAllocation)
    case key(AccessKey)
    case event(LoggedEvent)
    case request(IdempotencyRecord)
}

/// A store whose whole content can be read out, and put into an empty one.
package protocol CopyableStore: DirectoryStore {
    /// Hands everything over, as it is at one moment: the revision first, then clusters, users, groups and the rest.
    /// - Throws: `busy`, `unavailable`. The handover is closed in any case.
    func export(to channel: BoundedChannel) async throws(StoreError)

    /// Takes everything from `channel` into a store that is empty, all of it or nothing.
    /// - Throws: `conflict` where it is not empty; `busy`, `readOnly`, `unavailable`, `uncertain`.
    func restore(from channel: BoundedChannel) async throws(StoreError)
}

extension StoreError {
    /// A store that is to be filled holds a directory already.
    package static let notEmpty = StoreError.conflict(
        RosterError(.alreadyExists, "the store holds a directory already: copy into an empty one"))
}

extension StoreRecord {
    /// The record as bytes, the same from every store: every field with its length before it, so that no two records give the
    /// same bytes.
    package var canonicalBytes: [UInt8] {
        var writer = CanonicalWriter()
        switch self {
        case .revision(let revision):
            writer.put("revision")
            writer.put(revision.number)
        case .cluster(let cluster): writer.put(cluster)
        case .user(let user, let removed): writer.put(user, removed: removed)
        case .group(let group, let removed): writer.put(group, removed: removed)
        case .mapEntry(let entry, let removed): writer.put(entry, removed: removed)
        case .allocation(let allocation): writer.put(allocation)
        case .key(let key): writer.put(key)
        case .event(let logged):
            writer.put("event")
            writer.put(logged.event.chainedBytes(sequence: logged.sequence))
            writer.put(logged.code)
        case .request(let request): writer.put(request)
        }
        return writer.bytes
    }
}

private struct CanonicalWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ number: Int64?) {
        bytes.append(number == nil ? 0 : 1)
        if let number { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
    }

    mutating func put(_ data: [UInt8]) {
        put(Int64(data.count))
        bytes.append(contentsOf: data)
    }

    mutating func put(_ text: String?) {
        put(text.map { Int64($0.utf8.count) })
        if let text { bytes.append(contentsOf: text.utf8) }
    }

    mutating func put(_ time: Timestamp?) { put(time?.seconds) }

    mutating func put(_ cluster: Cluster) {
        put("cluster")
        for text in [
            cluster.id.text, cluster.name, cluster.zone.text, cluster.type.rawValue, cluster.nasMountPoint,
            cluster.homeTemplate, cluster.loginShell, cluster.description, cluster.nameRule.rawValue,
            cluster.passwordRule.rawValue,
        ] { put(text) }
        put(Int64(cluster.uidRange.lowerBound))
        put(Int64(cluster.uidRange.upperBound))
        put(cluster.createTime)
        put(cluster.revision.number)
    }

    mutating func put(_ user: User, removed: Timestamp?) {
        put("user")
        user.writeColumns(to: &self, revision: user.revision, deletedTime: removed)
    }

    mutating func put(_ group: Group, removed: Timestamp?) {
        put("group")
        put(group.cluster.text)
        put(group.name)
        put(Int64(group.gidNumber))
        put(Int64(group.isPrimary ? 1 : 0))
        put(Int64(group.members.count))
        for member in group.members.map(\.text).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            put(member)
        }
        put(group.revision.number)
        put(removed)
    }

    mutating func put(_ entry: MapEntry, removed: Timestamp?) {
        put("map entry")
        put(entry.cluster.text)
        put(entry.kind.rawValue)
        put(entry.place.text)
        put(entry.attributes.text)
        put(entry.createTime)
        put(entry.updateTime)
        put(entry.revision.number)
        put(removed)
    }

    mutating func put(_ allocation: IDAllocation) {
        put("grant")
        put(allocation.cluster.text)
        put(allocation.kind.rawValue)
        put(Int64(allocation.number))
        put(allocation.name)
        put(allocation.holder)
        put(allocation.from)
        put(allocation.until)
    }

    mutating func put(_ key: AccessKey) {
        put("key")
        put(key.id.text)
        switch key.principal {
        case .operator(let account):
            put("operator")
            put(account.text)
        case .account(let account):
            put("account")
            put(account.text)
        case .reader(let cluster):
            put("reader")
            put(cluster?.text)
        }
        put(Int64(key.secret.keyVersion))
        put(key.secret.bytes)
        put(key.createTime)
        put(key.revokeTime)
        put(key.revision.number)
    }

    mutating func put(_ request: IdempotencyRecord) {
        put("request")
        put(request.digest)
        put(request.expires)
        switch request.outcome {
        case .done(let job):
            put("done")
            put(job?.text)
        case .refused(let error):
            put(error.code.rawValue)
            put(error.message)
        }
    }
}

extension CanonicalWriter: UserColumnWriter {
    mutating func write(_ text: String?, to column: UserColumn) {
        switch column {
        // It follows from the name.
        case .nameKey: break
        // Users that have none give the bytes that they gave before there was such a column.
        case .attributes: if text != nil { put(text) }
        default: put(text)
        }
    }

    mutating func write(_ number: Int64?, to column: UserColumn) { put(number) }
}
