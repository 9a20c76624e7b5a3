import RosterDirectory
package import RosterModel
package import RosterStore
import Synchronization

/// A store in memory: rows in dictionaries, written by the rules that all stores share (`ChangeApplier`). It passes the same
/// contract suite as the real ones and stands in for them where a test is about something else.
package final class MemoryStore: DirectoryStore {
    private let chaining: any EventChaining
    private let state = Mutex(State())

    fileprivate struct State {
        var revision = Revision.none
        var clusters: [ClusterID: Cluster] = [:]
        var groups: [Group.Key: Group] = [:]
        var removedGroups: [Group.Key: Group] = [:]
        var mapEntries: [MapEntry.Key: (entry: MapEntry, removed: Timestamp?)] = [:]
        var users: [HPCUserID: User] = [:]
        var tombstones: [HPCUserID: (user: User, time: Timestamp)] = [:]
        var deletions: [HPCUserID: DeletionRecord] = [:]
        var keys: [AccessKeyID: AccessKey] = [:]
        var attributes: [String: AttributeDeclaration] = [:]
        var events: [LoggedEvent] = []
        var allocations: [AllocationKey: IDAllocation] = [:]
        var answered: [[UInt8]: IdempotencyRecord] = [:]
        var logins: [LoginKey: LoginRecord] = [:]
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var failure: StoreError?
        var parting: Parting?
        var history = ""
        var loadedHistory = ""
    }

    fileprivate struct LoginKey: Hashable {
        let user: HPCUserID
        let outcome: LoginRecord.Outcome
    }

    /// What a store held at a moment.
    package struct Saved: Sendable {
        fileprivate let state: State
    }

    /// How the store goes away at a commit.
    package enum Parting: Sendable {
        /// Before the commit was made.
        case lost
        /// After it was made, before its caller was told.
        case made
        /// After its caller was told.
        case told
    }

    package init(chaining: any EventChaining) {
        self.chaining = chaining
    }

    /// From now on every call fails with `failure`; nil makes the store whole again.
    package func fail(with failure: StoreError?) {
        state.withLock { $0.failure = failure }
    }

    /// From the next commit on every call fails with `unavailable`.
    package func goAway(atNextCommit parting: Parting) {
        state.withLock { $0.parting = parting }
    }

    /// What the store holds now.
    package func save() -> Saved { Saved(state: state.withLock { $0 }) }

    /// Goes back to what it held then, as a database does whose standby lacked some commits when it was promoted.
    /// - Parameter renaming: whether the history gets another name; a backup that was restored keeps it.
    package func goBack(to saved: Saved, renaming: Bool = true) {
        state.withLock { state in
            let (listeners, history) = (state.listeners, state.history)
            state = saved.state
            (state.listeners, state.history) = (listeners, history + (renaming ? "+" : ""))
        }
    }

    /// How often the store was asked for something.
    package var calls: Int { callCount.value }
    package let callCount = Watched(0)

    private func read<Value>(
        _ body: (inout sending State) throws(StoreError) -> sending Value
    ) throws(StoreError) -> Value {
        callCount.update { $0 += 1 }
        return try state.withLock { (state) throws(StoreError) -> sending Value in
            if let failure = state.failure { throw failure }
            return try body(&state)
        }
    }

    package func load(progress: @escaping @Sendable (Int) -> Void) async throws(StoreError) -> DirectoryContents {
        let contents = try read { state in
            var contents = DirectoryContents(
                revision: state.revision, clusters: Array(state.clusters.values), groups: Array(state.groups.values),
                mapEntries: state.mapEntries.values.filter { $0.removed == nil }.map(\.entry),
                users: Array(state.users.values), keys: Array(state.keys.values))
            contents.attributes = Array(state.attributes.values)
            contents.timelineID = state.history
            state.loadedHistory = state.history
            return contents
        }
        progress(contents.users.count)
        return contents
    }

    package func changes(since revision: Revision) async throws(StoreError) -> Delta? {
        try read { state in
            guard state.history == state.loadedHistory, revision <= state.revision else { return nil }
            var delta = Delta(from: revision, to: state.revision)
            delta.clusters = state.clusters.values.filter { $0.revision > revision }
            delta.groups = state.groups.values.filter { $0.revision > revision }
            delta.removedGroups = state.removedGroups.values.filter { $0.revision > revision }.map(\.key)
            for (entry, removed) in state.mapEntries.values where entry.revision > revision {
                if removed == nil { delta.mapEntries.append(entry) } else { delta.removedMapEntries.append(entry.key) }
            }
            delta.users = state.users.values.filter { $0.revision > revision }
            delta.removedUsers = state.tombstones.values.filter { $0.user.revision > revision }
                .map { .init(id: $0.user.id, cluster: $0.user.cluster) }
            delta.keys = state.keys.values.filter { $0.revision > revision }
            delta.attributes = state.attributes.values.filter { $0.revision > revision }
            return delta
        }
    }

    package func changeNotifications() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = Int.random(in: 0 ... .max)
        state.withLock { $0.listeners[id] = continuation }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.listeners[id] = nil } }
        continuation.yield()
        return stream
    }

    package func deletedUsers(
        named name: String, id: HPCUserID?, in cluster: ClusterID, limit: Int
    ) async throws(StoreError) -> [DeletedUser] {
        try read { state in
            let found = state.tombstones.values.filter {
                NameKey($0.user.cluster, $0.user.username.text) == NameKey(cluster, name)
                    && (id == nil || $0.user.id == id)
            }
            .sorted {
                ($1.time, $1.user.revision.number, $0.user.id) < ($0.time, $0.user.revision.number, $1.user.id)
            }
            return found.prefix(limit).map { user, time in
                let record = state.deletions[user.id].flatMap { $0.time == time ? $0 : nil }
                var names: [UInt32: String] = [:]
                for gid in record?.groups ?? [] {
                    let key = Group.Key(cluster: cluster, gidNumber: gid)
                    names[gid] = (state.groups[key] ?? state.removedGroups[key])?.name
                }
                return DeletedUser(user: user, time: time, record: record, groupNames: names)
            }
        }
    }

    package func importBasis(
        for clusters: Set<ClusterID>, ids: Set<HPCUserID>
    ) async throws(StoreError) -> ImportBasis {
        try read { state in
            var basis = ImportBasis(
                revision: state.revision, of: clusters, clusters: Array(state.clusters.values),
                groups: Array(state.groups.values), removedGroups: Array(state.removedGroups.values))
            basis.mapEntries = state.mapEntries.values.filter {
                $0.removed == nil && clusters.contains($0.entry.cluster)
            }
            .map(\.entry)
            basis.attributes = Array(state.attributes.values)
            basis.users = state.users.values.filter { clusters.contains($0.cluster) }
            basis.tombstones = state.tombstones.values.filter { clusters.contains($0.user.cluster) }
            basis.allocations = state.allocations.values.filter { clusters.contains($0.cluster) }
            for id in ids {
                basis.takenIDs[id] = state.users[id]?.cluster ?? state.tombstones[id]?.user.cluster
            }
            return basis
        }
    }

    package func accessKeys() async throws(StoreError) -> [AccessKey] {
        try read { state in
            state.keys.values.sorted { ($0.createTime, $0.id) < ($1.createTime, $1.id) }
        }
    }

    package func events(after sequence: Int64, limit: Int) async throws(StoreError) -> [LoggedEvent] {
        try read { state in Array(state.events.filter { $0.sequence > sequence }.prefix(limit)) }
    }

    package func jobs(_ query: OperationQuery) async throws(StoreError) -> OperationPage {
        try read { OperationFold($0.events.map(\.event)).page(query) }
    }

    /// There is nothing beside the log.
    package func inconsistentJob() async throws(StoreError) -> JobID? { nil }

    package func ledger(of cluster: ClusterID) async throws(StoreError) -> [IDAllocation] {
        try read { state in
            state.allocations.values.filter { $0.cluster == cluster }
                .sorted { ($0.kind.rawValue, $0.number) < ($1.kind.rawValue, $1.number) }
        }
    }

    package func allocation(
        of number: UInt32, kind: IDAllocation.Kind, in cluster: ClusterID
    ) async throws(StoreError) -> IDAllocation? {
        try read { $0.allocations[AllocationKey(cluster: cluster, kind: kind, number: number)] }
    }

    package func record(_ logins: [LoginRecord]) async throws(StoreError) {
        try read { state in
            for login in logins {
                let key = LoginKey(user: login.user, outcome: login.outcome)
                if let known = state.logins[key], known.time > login.time { continue }
                state.logins[key] = login
            }
        }
    }

    package func logins(since mark: Int64?) async throws(StoreError) -> LoginHistory {
        try read { LoginHistory(since: Timestamp(seconds: 0), logins: Array($0.logins.values), mark: 0) }
    }

    package func commit(
        _ change: Change, ifNewest expected: Revision?, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Revision {
        let chaining = chaining
        let (revision, listeners) = try read { (state) throws(StoreError) in
            if let expected, expected != state.revision { throw .outdated }
            let next = try state.applying(change, chaining: chaining)
            let parting = state.parting
            if parting != .lost { state = next }
            if let parting {
                state.parting = nil
                state.failure = .unavailable(cause: "away")
                if parting != .told { throw .uncertain(cause: "away") }
            }
            return (next.revision, Array(next.listeners.values))
        }
        for listener in listeners { listener.yield() }
        progress(change.users.count)
        return revision
    }
}

extension MemoryStore.State: RowSource {
    /// What the store holds after `change`.
    fileprivate func applying(_ change: Change, chaining: any EventChaining) throws(StoreError) -> MemoryStore.State {
        var batch = ChangeBatch(
            after: revision, lastEvent: events.last.map { ($0.sequence, $0.code) } ?? (0, []), chaining: chaining,
            hints: FreeIDHints())
        var readSet = ReadSet()
        readSet.add(change, hasUsers: true)
        load(readSet, into: &batch.workingSet)
        do {
            _ = try batch.apply(change, from: self)
        } catch let refusal as StoreError {
            throw refusal
        } catch {
            throw .unavailable(cause: "\(error)")
        }
        var next = self
        next.write(batch.workingSet, at: change.time)
        next.events += batch.loggedEvents()
        next.revision = batch.newest
        return next
    }

    func load(_ readSet: ReadSet, into workingSet: inout WorkingSet) {
        for digest in readSet.requests { workingSet.requests.load(digest, answered[digest]) }
        for id in readSet.clusters {
            workingSet.clusters.load(id, clusters[id].map { .init(revision: $0.revision) })
        }
        for id in readSet.users { workingSet.users.load(id, user(id)) }
        for name in readSet.names {
            let user = users.values.first { NameKey($0.cluster, $0.username.text) == name }
            workingSet.names.load(name, user?.id)
        }
        for key in readSet.allocations { workingSet.allocations.load(key, allocations[key]) }
        for key in readSet.groups { workingSet.groups.load(key, group(key)) }
        for name in readSet.groupNames {
            let group = groups.values.first { NameKey($0.cluster, $0.name) == name }
            workingSet.groupNames.load(name, group?.key)
        }
        for id in readSet.removedUsers {
            if let user = user(id) {
                let key = AllocationKey(cluster: user.cluster, kind: .uid, number: user.uidNumber)
                workingSet.allocations.load(key, allocations[key])
            }
            let joined = groups.values.filter { $0.members.contains(id) }.map(\.key)
            for key in joined { workingSet.groups.load(key, group(key)) }
            workingSet.memberships.load(id, Set(joined))
        }
        for key in readSet.mapEntries {
            workingSet.mapEntries.load(
                key, mapEntries[key].map { .init(revision: $0.entry.revision, deletedTime: $0.removed) })
        }
        for id in readSet.keys { workingSet.keys.load(id, keys[id].map { .init(revision: $0.revision) }) }
        for range in readSet.ranges { workingSet.largest.load(range, allocatedNumbers(of: range).last) }
        for cluster in readSet.inhabitedClusters {
            workingSet.inhabitants[cluster] = users.values.filter { $0.cluster == cluster }.map(\.id)
        }
    }

    func allocatedNumbers(of range: NumberRange, from first: UInt32, limit: Int) -> [UInt32] {
        Array(allocatedNumbers(of: range).filter { $0 >= first }.prefix(limit))
    }

    private func allocatedNumbers(of range: NumberRange) -> [UInt32] {
        allocations.keys.filter { $0.cluster == range.cluster && $0.kind == range.kind }.map(\.number)
            .filter(range.numbers.contains).sorted()
    }

    private func user(_ id: HPCUserID) -> WorkingSet.UserState? {
        let deleted = tombstones[id]
        return (users[id] ?? deleted?.user).map { user in
            .init(
                cluster: user.cluster, uidNumber: user.uidNumber, name: NameKey(user.cluster, user.username.text),
                revision: user.revision, deletedTime: deleted?.time)
        }
    }

    private func group(_ key: Group.Key) -> WorkingSet.GroupState? {
        let removed = removedGroups[key]
        return (groups[key] ?? removed).map { group in
            .init(
                name: NameKey(group.cluster, group.name), revision: group.revision,
                deletedTime: removed == nil ? nil : Timestamp(seconds: 0))
        }
    }

    private mutating func write(_ workingSet: WorkingSet, at time: Timestamp) {
        for (id, state) in workingSet.clusters.written {
            guard var cluster = state.written else { continue }
            cluster.revision = state.revision
            clusters[id] = cluster
        }
        for (key, allocation) in workingSet.allocations.written { allocations[key] = allocation }
        for (id, state) in workingSet.users.written {
            guard var user = state.written ?? users[id] else { continue }
            user.revision = state.revision
            users[id] = state.deletedTime == nil ? user : nil
            if state.isRestored { deletions[id] = nil }
            if let time = state.deletedTime, let deletion = state.deletion {
                deletions[id] = DeletionRecord(
                    user: id, time: time, password: state.written == nil ? user.password : deletion.password,
                    groups: deletion.groups)
            }
            if state.deletedTime != nil { user.password = nil }
            tombstones[id] = state.deletedTime.map { (user, $0) }
        }
        deletions = deletions.filter { $0.value.time >= DeletionRecord.earliestKept(at: time) }
        for (key, state) in workingSet.groups.written {
            guard var group = state.written ?? groups[key] else { continue }
            group.revision = state.revision
            if state.written == nil, let time = state.updateTime { group.updateTime = time }
            group.members = state.deletedTime == nil ? group.members.sorted() : []
            groups[key] = state.deletedTime == nil ? group : nil
            removedGroups[key] = state.deletedTime == nil ? nil : group
        }
        for change in workingSet.members {
            switch change {
            case .replace(let key, let members): groups[key]?.members = members.sorted()
            case .leave(let id):
                for key in groups.keys { groups[key]?.members.removeAll { $0 == id } }
            }
        }
        for (key, state) in workingSet.mapEntries.written {
            guard var entry = state.written ?? mapEntries[key]?.entry else { continue }
            entry.revision = state.revision
            mapEntries[key] = (entry, state.deletedTime)
        }
        for (key, declaration) in workingSet.attributes.written { attributes[key] = declaration }
        for (id, state) in workingSet.keys.written {
            guard var key = state.written else { continue }
            key.revision = state.revision
            keys[id] = key
        }
        let requests = workingSet.requests.written
        if !requests.isEmpty { answered = answered.filter { $0.value.forgottenAfter >= time } }
        for (digest, request) in requests { answered[digest] = request }
    }
}
