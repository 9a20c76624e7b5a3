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
    /// - Throws: `busy`, `unavailable`. The receiver is closed in any case.
    func export(to receiver: some RecordReceiver) async throws(StoreError)

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
            writer.append("revision")
            writer.append(revision.number)
        case .cluster(let cluster): writer.append(cluster)
        case .user(let user, let removed): writer.append(user, removed: removed)
        case .group(let group, let removed): writer.append(group, removed: removed)
        case .mapEntry(let entry, let removed): writer.append(entry, removed: removed)
        case .allocation(let allocation): writer.append(allocation)
        case .key(let key): writer.append(key)
        case .event(let logged):
            writer.append("event")
            writer.append(logged.event.chainedBytes(sequence: logged.sequence))
            writer.append(logged.code)
        case .request(let request): writer.append(request)
        }
        return writer.bytes
    }
}

private struct CanonicalWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ number: Int64?) {
        bytes.append(number == nil ? 0 : 1)
        if let number { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
    }

    mutating func append(_ data: [UInt8]) {
        append(Int64(data.count))
        bytes.append(contentsOf: data)
    }

    mutating func append(_ text: String?) {
        append(text.map { Int64($0.utf8.count) })
        if let text { bytes.append(contentsOf: text.utf8) }
    }

    mutating func append(_ time: Timestamp?) { append(time?.seconds) }

    mutating func append(_ cluster: Cluster) {
        append("cluster")
        for text in [
            cluster.id.text, cluster.name, cluster.zone.text, cluster.type.rawValue, cluster.nasMountPoint,
            cluster.homeTemplate, cluster.loginShell, cluster.description, cluster.nameRule.rawValue,
            cluster.passwordRule.rawValue,
        ] { append(text) }
        append(Int64(cluster.uidRange.lowerBound))
        append(Int64(cluster.uidRange.upperBound))
        append(cluster.createTime)
        append(cluster.revision.number)
    }

    mutating func append(_ user: User, removed: Timestamp?) {
        append("user")
        user.writeColumns(to: &self, revision: user.revision, deletedTime: removed)
    }

    mutating func append(_ group: Group, removed: Timestamp?) {
        append("group")
        append(group.cluster.text)
        append(group.name)
        append(Int64(group.gidNumber))
        append(Int64(group.isPrimary ? 1 : 0))
        append(Int64(group.members.count))
        for member in group.members.map(\.text).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            append(member)
        }
        append(group.memberGroupsText)
        append(group.memberNamesText)
        append(group.createTime)
        append(group.updateTime)
        append(group.revision.number)
        append(removed)
    }

    mutating func append(_ entry: MapEntry, removed: Timestamp?) {
        append("map entry")
        append(entry.cluster.text)
        append(entry.kind.rawValue)
        append(entry.place.text)
        append(entry.attributes.text)
        append(entry.createTime)
        append(entry.updateTime)
        append(entry.revision.number)
        append(removed)
    }

    mutating func append(_ allocation: IDAllocation) {
        append("grant")
        append(allocation.cluster.text)
        append(allocation.kind.rawValue)
        append(Int64(allocation.number))
        append(allocation.name)
        append(allocation.holder)
        append(allocation.from)
        append(allocation.until)
    }

    mutating func append(_ key: AccessKey) {
        append("key")
        append(key.id.text)
        append(key.principal.kind)
        append(key.principal.account?.text ?? key.principal.cluster?.text)
        append(Int64(key.secret.keyVersion))
        append(key.secret.bytes)
        append(key.createTime)
        append(key.revokeTime)
        append(key.revision.number)
    }

    mutating func append(_ request: IdempotencyRecord) {
        append("request")
        append(request.digest)
        append(request.expires)
        switch request.outcome {
        case .done(let job):
            append("done")
            append(job?.text)
        case .refused(let error):
            append(error.code.rawValue)
            append(error.message)
        }
    }
}

extension CanonicalWriter: UserColumnWriter {
    mutating func write(_ text: String?, to column: UserColumn) {
        switch column {
        // It follows from the name.
        case .nameKey: break
        // Users that have none give the bytes that they gave before there was such a column.
        case .attributes: if text != nil { append(text) }
        default: append(text)
        }
    }

    mutating func write(_ number: Int64?, to column: UserColumn) { append(number) }
}
