package import RosterModel
package import RosterStore

/// What an import would do, told before it is done. It is made at one revision and is true only while that is the newest.
package struct ImportPlan: Sendable {
    /// The revision that it was made at.
    package let revision: Revision
    /// The user of each item. They lie by themselves, so that a plan that makes them all is not copied.
    private var users: [User] = []
    private var marks: [Mark] = []
    /// What the file's syntax, its fields or the directory forbid. One is enough to refuse the whole file.
    package internal(set) var faults: [Fault] = []
    /// What is worth saying and refuses nothing.
    package internal(set) var diagnostics: [ImportDiagnostic] = []
    /// Clear-text passwords, to be hashed before the plan is applied.
    package internal(set) var clearPasswords: [ClearPassword] = []
    package internal(set) var newClusters: [Cluster] = []
    /// Which defaults each new cluster gets, and why: one line for each.
    package internal(set) var defaults: [ClusterID: [String]] = [:]
    package internal(set) var newGroups: [Group] = []
    /// The groups of the file, those that are left out excepted.
    package internal(set) var groupItems: [GroupItem] = []

    /// The map entries of the file, those that are left out excepted, and the units above them.
    package internal(set) var mapItems: [MapItem] = []

    /// What happens to a map entry of the file.
    package struct MapItem: Sendable, Equatable {
        package let line: Int
        /// As it is after the import.
        package let entry: MapEntry
        package let verdict: Verdict

        package enum Verdict: Sendable, Equatable, CaseIterable {
            case new
            case changed
            case unchanged
        }
    }

    /// What happens to a group of the file.
    package struct GroupItem: Sendable, Equatable {
        package let line: Int
        /// The file that the line is in; nil is the imported one itself.
        package let source: String?
        /// As it is after the import.
        package internal(set) var group: Group
        package internal(set) var verdict: Verdict

        package enum Verdict: Sendable, Equatable {
            case new
            /// Members join it.
            case changed
            case unchanged
            /// Was deleted in Roster and comes back.
            case restored
        }
    }

    /// What happens to a record.
    package struct Item: Sendable {
        package let line: Int
        package let user: User
        package let verdict: Verdict
    }

    /// What of an item is not its user.
    private struct Mark {
        let line: Int
        var verdict: Verdict
    }

    package enum Verdict: Sendable, Equatable {
        case new
        /// The API's names of the fields that differ.
        case changed([String])
        case unchanged
        /// Was deleted in Roster and comes back.
        case restored
        /// Was deleted in Roster and stays so.
        case skipped

        /// Whether the user has to be written.
        var isWritten: Bool {
            switch self {
            case .new, .changed, .restored: true
            case .unchanged, .skipped: false
            }
        }
    }

    package struct Fault: Sendable, Equatable {
        package let line: Int
        package let kind: Kind
        package let message: String
        /// The file that the line is in; nil is the imported one itself.
        package var source: String?

        package enum Kind: Sendable, Equatable {
            /// Against another record, a user that is there, or the ledger.
            case conflicting
            /// By itself.
            case refused
        }
    }

    package struct ClearPassword: Sendable {
        /// The item that it belongs to.
        package let item: Int
        /// The record that it comes from.
        package let record: Int
        package let text: ImportedPassword
        /// The hash that the user has now.
        package let present: PasswordHash?
    }

    init(revision: Revision) {
        self.revision = revision
    }

    /// Puts an item at the end, and its user into the slot of that number: whoever has the slots gives them to `setUsers`.
    mutating func append(_ item: Item, _ slots: UnsafeMutableBufferPointer<User>) {
        // Memory that nobody else checks.
        precondition(marks.count < slots.count, "a part has more users than records")
        slots.initializeElement(at: marks.count, to: item.user)
        marks.append(Mark(line: item.line, verdict: item.verdict))
    }

    /// Adds what was made of the records that follow, apart from their users.
    mutating func append(_ part: ImportPlan) {
        clearPasswords += part.clearPasswords.map {
            .init(item: count + $0.item, record: $0.record, text: $0.text, present: $0.present)
        }
        marks += part.marks
        faults += part.faults
        diagnostics += part.diagnostics
    }

    /// - Parameter users: of all items.
    mutating func setUsers(_ users: [User]) {
        precondition(users.count == marks.count, "a plan has a verdict for each user")
        self.users = users
    }

    /// How many items there are.
    var count: Int { marks.count }

    /// What happens to each record, in the order of the file.
    package var items: some RandomAccessCollection<Item> {
        users.indices.lazy.map { item($0) }
    }

    /// What happens to the record that has this place among `items`.
    package func item(_ place: Int) -> Item {
        Item(line: marks[place].line, user: users[place], verdict: marks[place].verdict)
    }

    /// How many items have a verdict that `isCounted`.
    package func count(where isCounted: (Verdict) -> Bool) -> Int {
        marks.count { isCounted($0.verdict) }
    }

    /// Puts the hash of a clear-text password in its place; a user whose hash differs now counts as changed.
    package mutating func setHash(_ password: ClearPassword, hash: PasswordHash, now: Timestamp) {
        guard hash != password.present else { return }
        users[password.item].password = hash
        users[password.item].passwordTime = now
        switch marks[password.item].verdict {
        case .unchanged:
            users[password.item].updateTime = now
            marks[password.item].verdict = .changed(["password"])
        case .changed(let fields): marks[password.item].verdict = .changed(fields + ["password"])
        case .new, .restored, .skipped: break
        }
    }

    /// The places, in `items`, of those with a verdict that `isChosen`.
    package func places(where isChosen: (Verdict) -> Bool) -> [Int] {
        marks.indices.filter { isChosen(marks[$0].verdict) }
    }

    /// The change that makes the plan true, with the event that tells of it.
    package func change(event: OperationEvent, now: Timestamp) -> Change {
        var change = Change(time: now)
        change.clusters = newClusters
        let groups = groupItems.lazy.filter { $0.verdict != .unchanged }.map(\.group)
        let written = Set(groups.map(\.key))
        change.groups = newGroups.filter { !written.contains($0.key) } + groups
        change.mapEntries = mapItems.filter { $0.verdict != .unchanged }.map(\.entry)
        change.users =
            marks.allSatisfy(\.verdict.isWritten)
            ? users : zip(users, marks).lazy.filter { $1.verdict.isWritten }.map(\.0)
        var event = event
        var last: ClusterID?
        var clusters: Set<ClusterID> = []
        for user in users where user.cluster != last {
            clusters.insert(user.cluster)
            last = user.cluster
        }
        clusters.formUnion(groups.map(\.cluster))
        clusters.formUnion(change.mapEntries.map(\.cluster))
        event.clusters = clusters.sorted()
        event.resources = event.clusters.map(\.text)
        event.message = summary
        change.events = [event]
        return change
    }

    /// One line with the counts.
    package var summary: String {
        let changed = count { if case .changed = $0 { true } else { false } }
        var parts = [
            "\(count { $0 == .new }) new", "\(changed) changed", "\(count { $0 == .unchanged }) unchanged",
        ]
        let restored = count { $0 == .restored }
        let skipped = count { $0 == .skipped }
        if restored > 0 { parts.append("\(restored) restored") }
        if skipped > 0 { parts.append("\(skipped) skipped") }
        let conflicting = faults.count { $0.kind == .conflicting }
        parts.append("\(conflicting) conflicting")
        parts.append("\(faults.count - conflicting) refused")
        let counts: KeyValuePairs<String, GroupItem.Verdict> = [
            "new": .new, "changed": .changed, "restored": .restored,
        ]
        let groups = counts.compactMap { word, verdict in
            let count = groupItems.count { $0.verdict == verdict }
            return count == 0 ? nil : "\(count) \(word)"
        }
        if !groups.isEmpty { parts[parts.count - 1] += "; groups: \(groups.joined(separator: ", "))" }
        let maps = MapItem.Verdict.allCases.compactMap { verdict in
            let count = mapItems.count { $0.verdict == verdict }
            return count == 0 ? nil : "\(count) \(verdict)"
        }
        if !maps.isEmpty { parts[parts.count - 1] += "; map entries: \(maps.joined(separator: ", "))" }
        return parts.joined(separator: ", ")
    }
}
