import RosterDirectory
package import RosterModel
package import RosterStore
import Synchronization

/// The reference store: what a store must do, in the plainest words, in memory. It passes the same contract suite as the
/// real ones and stands in for them where a test is about something else.
package final class MemoryStore: DirectoryStore {
    private let chaining: any EventChaining
    private let state = Mutex(State())

    fileprivate struct State {
        var revision = Revision.none
        var clusters: [ClusterID: Cluster] = [:]
        var groups: [Group.Key: Group] = [:]
        var removedGroups: [Group.Key: Group] = [:]
        var users: [HPCUserID: User] = [:]
        var tombstones: [HPCUserID: (user: User, time: Timestamp)] = [:]
        var keys: [AccessKeyID: AccessKey] = [:]
        var events: [LoggedEvent] = []
        var allocations: [AllocationKey: IDAllocation] = [:]
        var answered: [[UInt8]: IdempotencyRecord] = [:]
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var failure: StoreError?
        var duringEvents: (@Sendable () async -> Void)?
        var parting: Parting?
        var calls = 0
        var history = ""
        var loadedHistory = ""
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

    fileprivate struct AllocationKey: Hashable {
        let cluster: ClusterID
        let kind: IDAllocation.Kind
        let number: UInt32
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

    /// Runs `body` while the next answer of `events` is on its way to who asked.
    package func duringNextEvents(_ body: @escaping @Sendable () async -> Void) {
        state.withLock { $0.duringEvents = body }
    }

    /// What the store holds now.
    package func save() -> Saved { Saved(state: state.withLock { $0 }) }

    /// Goes back to what it held then, as a database does whose standby lacked some commits when it was promoted.
    /// - Parameter renaming: whether the history gets another name; a backup that was restored keeps it.
    package func goBack(to saved: Saved, renaming: Bool = true) {
        state.withLock { state in
            let (listeners, calls, history) = (state.listeners, state.calls, state.history)
            state = saved.state
            (state.listeners, state.calls, state.history) = (listeners, calls, history + (renaming ? "+" : ""))
        }
    }

    /// How often the store was asked for something.
    package var calls: Int { state.withLock(\.calls) }

    private func read<Value>(
        _ body: (inout sending State) throws(StoreError) -> sending Value
    ) throws(StoreError) -> Value {
        try state.withLock { (state) throws(StoreError) -> sending Value in
            state.calls += 1
            if let failure = state.failure { throw failure }
            return try body(&state)
        }
    }

    package func load(progress: @escaping @Sendable (Int) -> Void) async throws(StoreError) -> DirectoryContents {
        let contents = try read { state in
            var contents = DirectoryContents(
                revision: state.revision, clusters: Array(state.clusters.values), groups: Array(state.groups.values),
                users: Array(state.users.values), keys: Array(state.keys.values))
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
            delta.users = state.users.values.filter { $0.revision > revision }
            delta.removedUsers = state.tombstones.values.filter { $0.user.revision > revision }
                .map { .init(id: $0.user.id, cluster: $0.user.cluster) }
            delta.keys = state.keys.values.filter { $0.revision > revision }
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

    package func importBasis(
        for clusters: Set<ClusterID>, ids: Set<HPCUserID>
    ) async throws(StoreError) -> ImportBasis {
        try read { state in
            var basis = ImportBasis(revision: state.revision)
            basis.clusters = state.clusters.values.filter { clusters.contains($0.id) }
            basis.groups = state.groups.values.filter { clusters.contains($0.cluster) }
            basis.removedGroups = state.removedGroups.values.filter { clusters.contains($0.cluster) }
            basis.users = state.users.values.filter { clusters.contains($0.cluster) }
            basis.tombstones = state.tombstones.values.filter { clusters.contains($0.user.cluster) }
            basis.allocations = state.allocations.values.filter { clusters.contains($0.cluster) && $0.kind == .uid }
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
        let (events, body) = try read { state in
            let body = state.duringEvents
            state.duringEvents = nil
            return (Array(state.events.filter { $0.sequence > sequence }.prefix(limit)), body)
        }
        await body?()
        return events
    }

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

    package func commit(
        _ change: Change, ifNewest expected: Revision?, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Revision {
        let chaining = chaining
        let (revision, listeners) = try read { (state) throws(StoreError) in
            if let expected, expected != state.revision { throw .outdated }
            var next = state
            next.revision = state.revision.next
            try next.apply(change, chaining: chaining)
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

extension MemoryStore.State {
    fileprivate mutating func apply(_ change: Change, chaining: any EventChaining) throws(StoreError) {
        if let request = change.request {
            answered = answered.filter { $0.value.forgottenAfter >= change.time }
            if let before = answered[request.digest] { throw .answered(before.outcome) }
            answered[request.digest] = request
        }
        if let preconditions = change.preconditions {
            guard meets(preconditions, removing: change.removedUsers) else { throw .outdated }
        }
        for var cluster in change.clusters {
            cluster.revision = revision
            clusters[cluster.id] = cluster
        }
        guard change.newIDs.allSatisfy({ users[$0] == nil && tombstones[$0] == nil }) else { throw .outdated }
        for key in change.removedGroups { remove(key, at: change.time) }
        // Before the users: a gid is called after its group where it has one.
        for group in change.groups {
            grantGID(group.gidNumber, in: group.cluster, name: group.name, at: change.time)
        }
        for id in change.removedUsers { remove(id, at: change.time) }
        for user in change.users { try put(user, at: change.time) }
        for unnumbered in change.unnumberedUsers {
            var user = unnumbered.user
            user.uidNumber = try freeNumber(.uid, in: unnumbered.range, of: user.cluster)
            try put(user, at: change.time)
        }
        for group in change.groups { try put(group) }
        for added in change.addedGroups { try add(added, at: change.time) }
        for var key in change.keys {
            key.revision = revision
            keys[key.id] = key
        }
        for event in change.events {
            let sequence = Int64(events.count + 1)
            let code = chaining.code(after: events.last?.code ?? [], of: event.chainedBytes(sequence: sequence))
            events.append(LoggedEvent(sequence: sequence, event: event, code: code))
        }
    }

    private func meets(_ expected: Preconditions, removing removed: [HPCUserID]) -> Bool {
        expected.users.allSatisfy { users[$0].map { $0.revision <= expected.revision } ?? false }
            && expected.clusters.allSatisfy { clusters[$0].map { $0.revision <= expected.revision } ?? false }
            && expected.groups.allSatisfy { groups[$0].map { $0.revision <= expected.revision } ?? false }
            && expected.keys.allSatisfy { keys[$0].map { $0.revision <= expected.revision } ?? false }
            && expected.missingClusters.allSatisfy { clusters[$0] == nil }
            && expected.inhabitedClusters.allSatisfy { cluster in
                users.values.contains { $0.cluster == cluster && !removed.contains($0.id) }
            }
    }

    private mutating func put(_ user: User, at time: Timestamp) throws(StoreError) {
        guard clusters[user.cluster] != nil else { throw .noSuchCluster(user.cluster) }
        let twin = users.values.first {
            $0.cluster == user.cluster && $0.id != user.id && $0.username.key == user.username.key
        }
        guard twin == nil else { throw .nameTaken(user.username, in: user.cluster) }
        let key = MemoryStore.AllocationKey(cluster: user.cluster, kind: .uid, number: user.uidNumber)
        if let allocation = allocations[key], allocation.holder != user.id.text {
            throw .numberTaken(user.uidNumber, holder: allocation.name, from: allocation.from, until: allocation.until)
        }
        allocations[key] = IDAllocation(
            cluster: user.cluster, kind: .uid, number: user.uidNumber,
            name: allocations[key]?.name ?? user.username.text,
            holder: user.id.text, from: allocations[key]?.from ?? time, until: nil)
        grantGID(user.gidNumber, in: user.cluster, name: user.username.text, at: time)
        var user = user
        user.revision = revision
        users[user.id] = user
        tombstones[user.id] = nil
    }

    private func freeNumber(
        _ kind: IDAllocation.Kind, in range: ClosedRange<UInt32>, of cluster: ClusterID
    ) throws(StoreError) -> UInt32 {
        let given = Set(allocations.keys.filter { $0.cluster == cluster && $0.kind == kind }.map(\.number))
        guard let largest = given.filter(range.contains).max() else { return range.lowerBound }
        if largest < range.upperBound { return largest + 1 }
        guard let gap = range.first(where: { !given.contains($0) }) else {
            throw .noNumberLeft(in: range, kind: kind, of: cluster)
        }
        return gap
    }

    private mutating func grantGID(_ number: UInt32, in cluster: ClusterID, name: String, at time: Timestamp) {
        let key = MemoryStore.AllocationKey(cluster: cluster, kind: .gid, number: number)
        guard allocations[key] == nil else { return }
        allocations[key] = IDAllocation(
            cluster: cluster, kind: .gid, number: number, name: name, holder: "", from: time, until: nil)
    }

    private mutating func put(_ group: Group) throws(StoreError) {
        let twin = groups.values.first {
            $0.cluster == group.cluster && $0.gidNumber != group.gidNumber
                && Username.key(of: $0.name) == Username.key(of: group.name)
        }
        guard twin == nil else { throw .groupTaken(group.name, in: group.cluster) }
        var group = group
        group.revision = revision
        group.members.sort()
        groups[group.key] = group
        removedGroups[group.key] = nil
        endGID(of: group.key, at: nil)
    }

    private mutating func add(_ added: Change.AddedGroup, at time: Timestamp) throws(StoreError) {
        var group = added.group
        guard clusters[group.cluster] != nil else { throw .noSuchCluster(group.cluster) }
        if let range = added.range { group.gidNumber = try freeNumber(.gid, in: range, of: group.cluster) }
        if let allocation = allocations[.init(cluster: group.cluster, kind: .gid, number: group.gidNumber)] {
            throw .numberTaken(
                group.gidNumber, kind: .gid, holder: allocation.name, from: allocation.from, until: allocation.until)
        }
        grantGID(group.gidNumber, in: group.cluster, name: group.name, at: time)
        try put(group)
    }

    private mutating func remove(_ key: Group.Key, at time: Timestamp) {
        guard var group = groups.removeValue(forKey: key) else { return }
        group.revision = revision
        group.members = []
        removedGroups[key] = group
        endGID(of: key, at: time)
    }

    private mutating func endGID(of group: Group.Key, at time: Timestamp?) {
        let key = MemoryStore.AllocationKey(cluster: group.cluster, kind: .gid, number: group.gidNumber)
        guard let allocation = allocations[key] else { return }
        allocations[key] = IDAllocation(
            cluster: allocation.cluster, kind: .gid, number: allocation.number, name: allocation.name,
            holder: allocation.holder,
            from: allocation.from, until: time)
    }

    private mutating func remove(_ id: HPCUserID, at time: Timestamp) {
        guard var user = users.removeValue(forKey: id) else { return }
        user.revision = revision
        user.password = nil
        tombstones[id] = (user, time)
        let key = MemoryStore.AllocationKey(cluster: user.cluster, kind: .uid, number: user.uidNumber)
        if let allocation = allocations[key], allocation.holder == id.text {
            allocations[key] = IDAllocation(
                cluster: allocation.cluster, kind: .uid, number: allocation.number, name: allocation.name,
                holder: allocation.holder,
                from: allocation.from, until: time)
        }
        for (key, group) in groups where group.members.contains(id) {
            groups[key]?.members.removeAll { $0 == id }
            groups[key]?.revision = revision
        }
    }
}
