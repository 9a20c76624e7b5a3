package import RosterModel

/// One row of a store with all its data, as it is copied from one store to another.
package enum StoreRecord: Sendable {
    /// The newest revision; always the first record.
    case revision(Revision)
    case cluster(Cluster)
    /// A user, and when it was removed if it was.
    case user(User, removed: Timestamp?)
    /// What was taken from a removed user, which precedes it.
    case deletion(DeletionRecord)
    /// A group, and when it was removed if it was. Its users precede it.
    case group(Group, removed: Timestamp?)
    /// A map entry, and when it was removed if it was.
    case mapEntry(MapEntry, removed: Timestamp?)
    case allocation(IDAllocation)
    case key(AccessKey)
    case attribute(AttributeDeclaration)
    case event(LoggedEvent)
    case request(IdempotencyRecord)
    /// Since when logins are recorded.
    case loginsSince(Timestamp)
    case login(LoginRecord)
}

/// A store whose whole content can be exported, and restored into an empty one.
package protocol CopyableStore: DirectoryStore {
    /// Sends everything, as it is at one moment: the revision first, then clusters, users, groups and the rest.
    /// - Throws: `busy`, `unavailable`. The receiver is closed on success and cancelled on failure.
    func export(to receiver: some RecordReceiver) async throws(StoreError)

    /// Writes everything from `channel` into an empty store, all of it or nothing.
    /// - Throws: `conflict` if the store is not empty; `busy`, `readOnly`, `unavailable`, `uncertain`.
    func restore(from channel: BoundedChannel) async throws(StoreError)
}

extension StoreError {
    /// The store to restore into already holds a directory.
    package static let notEmpty = StoreError.conflict(
        RosterError(.alreadyExists, "the store holds a directory already: copy into an empty one"))
}

extension StoreRecord {
    /// The record as bytes, the same from every store: every field preceded by its length, so that no two records have
    /// the same bytes. Nil for logins, which are no part of the directory: they change without a revision, while a
    /// backup or a copy is compared with its source.
    package var canonicalBytes: [UInt8]? {
        var writer = CanonicalWriter()
        switch self {
        case .revision(let revision):
            writer.append("revision")
            writer.append(revision.number)
        case .cluster(let cluster): writer.append(cluster)
        case .user(let user, let removed): writer.append(user, removed: removed)
        case .deletion(let record): writer.append(record)
        case .group(let group, let removed): writer.append(group, removed: removed)
        case .mapEntry(let entry, let removed): writer.append(entry, removed: removed)
        case .allocation(let allocation): writer.append(allocation)
        case .key(let key): writer.append(key)
        case .attribute(let declaration): writer.append(declaration)
        case .event(let logged):
            writer.append("event")
            writer.append(logged.event.chainedBytes(sequence: logged.sequence))
            writer.append(logged.code)
        case .request(let request): writer.append(request)
        case .loginsSince, .login: return nil
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

    mutating func append(_ record: DeletionRecord) {
        append("deletion")
        append(record.user.text)
        append(record.time)
        append(record.password?.text)
        append(record.groupsText)
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

    mutating func append(_ declaration: AttributeDeclaration) {
        append("attribute")
        append(declaration.name)
        append(declaration.oid)
        append(declaration.syntax.rawValue)
        append(Int64(declaration.isMultiple ? 1 : 0))
        append(Int64(declaration.isSearchable ? 1 : 0))
        append(declaration.createTime)
        append(declaration.removeTime)
        append(declaration.revision.number)
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
        // It is derived from the name.
        case .nameKey: break
        // Users without attributes keep the bytes that they had before the column existed.
        case .attributes: if text != nil { append(text) }
        default: append(text)
        }
    }

    mutating func write(_ number: Int64?, to column: UserColumn) { append(number) }
}
