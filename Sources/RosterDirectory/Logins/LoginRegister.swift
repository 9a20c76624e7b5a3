package import RosterModel
package import RosterStore
import Synchronization

/// The last login and the last refusal of each user, and the last tries as this server saw them.
///
/// They are kept in memory, 24 bytes for each user who ever tried, and written to the store once a minute and when the
/// server stops, at most 1,000 in a transaction: a crash loses the last minute. What other servers on the same store have
/// written is read as often; of two records of a user and an outcome, the later stays. Lists that do not show logins, and
/// nodes, never come here.
package final class LoginRegister: Sendable {
    /// One try to log in.
    package struct Try: Sendable, Equatable {
        package let time: Timestamp
        package let server: LoginRecord.Server
        /// The client's address, without a port.
        package let client: String
        /// Why it was refused, as the log says it; nil if it was not.
        package let refusal: String?
    }

    /// The last times of a user.
    package struct Times: Sendable, Equatable {
        package fileprivate(set) var success: LoginRecord?
        package fileprivate(set) var failure: LoginRecord?

        /// Creates the times of a user who never tried.
        package init(success: LoginRecord? = nil, failure: LoginRecord? = nil) {
            self.success = success
            self.failure = failure
        }
    }

    /// The time and the server of an outcome in 62 bits, and whether the store lacks it.
    private struct Mark {
        private var bits: Int64 = 0

        var isEmpty: Bool { bits == 0 }
        var time: Timestamp { Timestamp(seconds: bits >> 3) }
        var server: LoginRecord.Server { bits & 4 == 0 ? .ldap : .http }
        var isNew: Bool {
            get { bits & 2 != 0 }
            set { bits = newValue ? bits | 2 : bits & ~2 }
        }

        /// Takes the later one. Of two in the same second, that is the one of this server.
        mutating func merge(_ time: Timestamp, _ server: LoginRecord.Server, isNew: Bool) {
            guard isEmpty || time > self.time || isNew && time == self.time else { return }
            bits = time.seconds << 3 | (server == .http ? 4 : 0) | (isNew ? 2 : 0) | 1
        }
    }

    private struct Marks {
        var success = Mark()
        var failure = Mark()

        subscript(outcome: LoginRecord.Outcome) -> Mark {
            get { outcome == .success ? success : failure }
            set { if outcome == .success { success = newValue } else { failure = newValue } }
        }
    }

    private struct ShardState {
        /// By the bits of a complete `PackedIdentifier`.
        var packed: [UInt64: Marks] = [:]
        var others: [HPCUserID: Marks] = [:]
        /// Successes do not push out failures.
        var tries: [LoginRecord.Outcome: RecentTries] = [:]

        subscript(user: HPCUserID) -> Marks? {
            get {
                let tail = PackedIdentifier(user.text, prefix: PackedIdentifier.userPrefix)
                return tail.isComplete ? packed[tail.bits] : others[user]
            }
            set {
                let tail = PackedIdentifier(user.text, prefix: PackedIdentifier.userPrefix)
                if tail.isComplete { packed[tail.bits] = newValue } else { others[user] = newValue }
            }
        }

        mutating func merge(_ login: LoginRecord, isNew: Bool) {
            var marks = self[login.user] ?? Marks()
            marks[login.outcome].merge(login.time, login.server, isNew: isNew)
            self[login.user] = marks
        }
    }

    /// The last tries of the users of a shard, in a ring.
    private struct RecentTries {
        private static let capacity = 256
        private var tries: [(user: HPCUserID, one: Try)] = []
        private var next = 0

        mutating func add(_ one: Try, of user: HPCUserID) {
            if tries.count < Self.capacity { tries.append((user, one)) } else { tries[next] = (user, one) }
            next = (next + 1) % Self.capacity
        }

        /// The last one first.
        func tries(of user: HPCUserID) -> [Try] {
            let inOrder = tries.count < Self.capacity ? tries[...] : tries[next...] + tries[..<next]
            return inOrder.reversed().filter { $0.user == user }.map(\.one)
        }
    }

    /// The users are spread over several locks, so that who reads one seldom waits for who writes another.
    private final class Shard: Sendable {
        let state = Mutex(ShardState())
    }

    /// What was read from the store.
    private struct Reading {
        var since: Timestamp?
        var mark: Int64?
    }

    private let shards = (0..<64).map { _ in Shard() }
    private let reading = Mutex(Reading())
    private let directory: Directory

    /// How many records are written in one transaction, so that commands need not wait for long.
    private static let batchSize = 1000
    /// How many tries of a user are told.
    private static let shownTries = 10

    /// Creates an empty register; `exchange` fills it.
    package init(directory: Directory) {
        self.directory = directory
    }

    /// Since when logins are recorded; nil until the store has been read.
    package var since: Timestamp? { reading.withLock(\.since) }

    /// Records a try to log in at this moment.
    /// - Parameters:
    ///   - refusal: why it was refused, as the log says it; nil if it was not.
    ///   - client: the client's address, without a port.
    package func record(_ user: HPCUserID, over server: LoginRecord.Server, client: String, refusal: String?) {
        let now = directory.now
        let outcome: LoginRecord.Outcome = refusal == nil ? .success : .failure
        let one = Try(time: now, server: server, client: client, refusal: refusal)
        shard(of: user).state.withLock { state in
            state.merge(LoginRecord(of: user, outcome, at: now, over: server), isNew: true)
            state.tries[outcome, default: RecentTries()].add(one, of: user)
        }
    }

    /// The last times of `user`.
    package func times(of user: HPCUserID) -> Times {
        guard let marks = shard(of: user).state.withLock({ $0[user] }) else { return Times() }
        func record(_ outcome: LoginRecord.Outcome) -> LoginRecord? {
            let mark = marks[outcome]
            return mark.isEmpty ? nil : LoginRecord(of: user, outcome, at: mark.time, over: mark.server)
        }
        return Times(success: record(.success), failure: record(.failure))
    }

    /// The last tries of `user` that this server still knows, at most ten, the last one first.
    package func lastTries(of user: HPCUserID) -> [Try] {
        let (successes, failures) = shard(of: user).state.withLock { state in
            (state.tries[.success]?.tries(of: user) ?? [], state.tries[.failure]?.tries(of: user) ?? [])
        }
        return Array((failures + successes).sorted { $0.time > $1.time }.prefix(Self.shownTries))
    }

    /// The condition of users who existed at `time` and have not logged in since.
    /// - Parameter name: of the parameter, for errors.
    /// - Throws: `invalidParameter` for `name` if logins are not recorded for so long; `busy` if the store has not been
    ///   read yet.
    package func unused(since time: Timestamp, name: String) throws(RosterError) -> UserConditions.Unused {
        guard let since else { throw RosterError(.busy, "the record of logins is not loaded yet, try again") }
        guard time >= since else {
            throw .invalid(name, "logins are recorded since \(since) only; who logged in before is not known")
        }
        var active = UserIDSet()
        for shard in shards {
            shard.state.withLock { state in
                func isActive(_ marks: Marks) -> Bool { !marks.success.isEmpty && marks.success.time >= time }
                for (bits, marks) in state.packed where isActive(marks) { active.insert(packed: bits) }
                for (id, marks) in state.others where isActive(marks) { active.insert(id) }
            }
        }
        return UserConditions.Unused(since: time, active: active)
    }

    /// Writes what is new, then reads what others have written.
    /// - Throws: what the store throws. The next call tries again.
    package func exchange() async throws(StoreError) {
        try await write()
        let history = try await directory.logins(since: reading.withLock(\.mark))
        for login in history.logins {
            shard(of: login.user).state.withLock { $0.merge(login, isNew: false) }
        }
        reading.withLock { $0 = Reading(since: history.since, mark: history.mark) }
    }

    /// Writes what is new.
    /// - Throws: what the store throws. The next call tries again.
    package func write() async throws(StoreError) {
        var rest = takeNews()[...]
        while !rest.isEmpty {
            do throws(StoreError) {
                try await directory.record(Array(rest.prefix(Self.batchSize)))
            } catch {
                for login in rest { markNew(login) }
                throw error
            }
            rest = rest.dropFirst(Self.batchSize)
        }
    }

    /// The records that the store lacks; they count as written.
    private func takeNews() -> [LoginRecord] {
        var news: [LoginRecord] = []
        func take(_ id: () -> HPCUserID, _ marks: inout Marks) {
            for outcome in LoginRecord.Outcome.allCases where marks[outcome].isNew {
                marks[outcome].isNew = false
                let mark = marks[outcome]
                news.append(LoginRecord(of: id(), outcome, at: mark.time, over: mark.server))
            }
        }
        for shard in shards {
            shard.state.withLock { state in
                for index in state.packed.values.indices {
                    let bits = state.packed.keys[index]
                    take({ HPCUserID(packed: bits) }, &state.packed.values[index])
                }
                for index in state.others.values.indices {
                    let id = state.others.keys[index]
                    take({ id }, &state.others.values[index])
                }
            }
        }
        return news
    }

    /// The record was not written after all.
    private func markNew(_ login: LoginRecord) {
        shard(of: login.user).state.withLock { $0[login.user]?[login.outcome].isNew = true }
    }

    private func shard(of user: HPCUserID) -> Shard {
        shards[Int(UInt(bitPattern: user.hashValue) % UInt(shards.count))]
    }
}

extension HPCUserID {
    /// - Parameter bits: of a complete `PackedIdentifier`.
    fileprivate init(packed bits: UInt64) {
        self = PackedIdentifier.withText(bits, prefix: PackedIdentifier.userPrefix) {
            HPCUserID(stored: String(decoding: $0, as: UTF8.self))
        }
    }
}
