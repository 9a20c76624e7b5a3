package import RosterModel
package import RosterStore

/// The planned effects of an import. A plan is made at one revision and holds only while that is the newest.
package struct ImportPlan: Sendable {
    /// The revision that the plan was made at.
    package let revision: Revision
    /// The users of the items, stored separately so that a plan in which all are written need not copy them.
    private var users: [User] = []
    private var marks: [Mark] = []
    /// Violations of the file's syntax, of the rules for fields, or of the directory's rules. A single one refuses the
    /// file.
    package internal(set) var faults: [Fault] = []
    /// Remarks that do not refuse the file.
    package internal(set) var diagnostics: [ImportDiagnostic] = []
    /// Clear-text passwords, which must be hashed before the plan is applied.
    package internal(set) var clearPasswords: [ClearPassword] = []
    /// How many users keep the password that they have, although the file has one for them.
    package internal(set) var keptPasswords = 0
    package internal(set) var newClusters: [Cluster] = []
    /// The attributes that the file declares and the directory does not have.
    package internal(set) var newAttributes: [AttributeDeclaration] = []
    /// The defaults of each new cluster, and why: one line for each.
    package internal(set) var defaults: [ClusterID: [String]] = [:]
    package internal(set) var newGroups: [Group] = []
    /// The groups of the file, except those that are left out.
    package internal(set) var groupItems: [GroupItem] = []

    /// The map entries of the file, except those that are left out, and the units above them.
    package internal(set) var mapItems: [MapItem] = []

    /// The planned effect on a map entry of the file.
    package struct MapItem: Sendable, Equatable {
        package let line: Int
        /// Its state after the import.
        package let entry: MapEntry
        package let verdict: Verdict

        /// What the import does with the entry.
        package enum Verdict: Sendable, Equatable, CaseIterable {
            case new
            case changed
            case unchanged
        }
    }

    /// The planned effect on a group of the file.
    package struct GroupItem: Sendable, Equatable {
        package let line: Int
        /// The file that the line is in; nil means the imported file itself.
        package let source: String?
        /// Its state after the import.
        package internal(set) var group: Group
        package internal(set) var verdict: Verdict

        /// What the import does with the group.
        package enum Verdict: Sendable, Equatable {
            case new
            /// It gets new members.
            case changed
            case unchanged
            /// It was deleted in Roster and is restored.
            case restored
        }
    }

    /// The planned effect on a record.
    package struct Item: Sendable {
        package let line: Int
        package let user: User
        package let verdict: Verdict
    }

    /// The parts of an item other than its user.
    private struct Mark {
        let line: Int
        var verdict: Verdict
    }

    /// What the import does with a user.
    package enum Verdict: Sendable, Equatable {
        case new
        /// The API's names of the fields that differ.
        case changed([String])
        case unchanged
        /// It was deleted in Roster and is restored.
        case restored
        /// It was deleted in Roster and stays deleted.
        case skipped
        /// It exists, and only new users are imported.
        case leftAlone

        /// Whether the user must be written.
        var isWritten: Bool {
            switch self {
            case .new, .changed, .restored: true
            case .unchanged, .skipped, .leftAlone: false
            }
        }
    }

    /// A reason to refuse the file.
    package struct Fault: Sendable, Equatable {
        package let line: Int
        package let kind: Kind
        package let message: String
        /// The file that the line is in; nil means the imported file itself.
        package var source: String?

        /// The kind of fault.
        package enum Kind: Sendable, Equatable {
            /// It conflicts with another record, an existing user, or the ledger.
            case conflicting
            /// The record is invalid on its own.
            case refused
        }
    }

    /// A clear-text password of an item.
    package struct ClearPassword: Sendable {
        /// The index of its item.
        package let item: Int
        /// The index of its record.
        package let record: Int
        package let text: ImportedPassword
        /// The user's current hash.
        package let present: PasswordHash?
    }

    init(revision: Revision) {
        self.revision = revision
    }

    /// Appends an item, and its user to `users`, all of which `setUsers` gets in the end.
    mutating func append(_ item: Item, users: inout ParallelArray.Section<User>) {
        users.append(item.user)
        marks.append(Mark(line: item.line, verdict: item.verdict))
    }

    /// Appends the plan of the records that follow, except for their users.
    mutating func append(_ part: ImportPlan) {
        clearPasswords += part.clearPasswords.map {
            .init(item: count + $0.item, record: $0.record, text: $0.text, present: $0.present)
        }
        marks += part.marks
        faults += part.faults
        diagnostics += part.diagnostics
        keptPasswords += part.keptPasswords
    }

    /// Sets the users.
    /// - Parameter users: the users of all items.
    mutating func setUsers(_ users: [User]) {
        precondition(users.count == marks.count, "a plan has a verdict for each user")
        self.users = users
    }

    /// The number of items.
    var count: Int { marks.count }

    /// The items in file order.
    package var items: some RandomAccessCollection<Item> {
        users.indices.lazy.map { item($0) }
    }

    /// The item at `place` in `items`.
    package func item(_ place: Int) -> Item {
        Item(line: marks[place].line, user: users[place], verdict: marks[place].verdict)
    }

    /// The number of items whose verdict satisfies `isCounted`.
    package func count(where isCounted: (Verdict) -> Bool) -> Int {
        marks.count { isCounted($0.verdict) }
    }

    /// Replaces a clear-text password by its hash; a user whose hash differs then counts as changed.
    package mutating func setHash(_ password: ClearPassword, hash: PasswordHash, now: Timestamp) {
        guard hash != password.present else { return }
        users[password.item].password = hash
        users[password.item].passwordTime = now
        switch marks[password.item].verdict {
        case .unchanged:
            users[password.item].updateTime = now
            marks[password.item].verdict = .changed(["password"])
        case .changed(let fields): marks[password.item].verdict = .changed(fields + ["password"])
        case .new, .restored, .skipped, .leftAlone: break
        }
    }

    /// The indexes in `items` of those whose verdict satisfies `isChosen`.
    package func places(where isChosen: (Verdict) -> Bool) -> [Int] {
        marks.indices.filter { isChosen(marks[$0].verdict) }
    }

    /// The change that carries out the plan, with the event that records it.
    package func change(event: OperationEvent, now: Timestamp) -> Change {
        var change = Change(time: now)
        change.clusters = newClusters
        let groups = groupItems.lazy.filter { $0.verdict != .unchanged }.map(\.group)
        let written = Set(groups.map(\.key))
        change.groups = newGroups.filter { !written.contains($0.key) } + groups
        change.attributes = newAttributes
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

    /// One line with all counts.
    package var summary: String {
        let changed = count { if case .changed = $0 { true } else { false } }
        var parts = [
            "\(count { $0 == .new }) new", "\(changed) changed", "\(count { $0 == .unchanged }) unchanged",
        ]
        let restored = count { $0 == .restored }
        let skipped = count { $0 == .skipped }
        if restored > 0 { parts.append("\(restored) restored") }
        if skipped > 0 { parts.append("\(skipped) skipped") }
        let leftAlone = count { $0 == .leftAlone }
        if leftAlone > 0 { parts.append("\(leftAlone) left alone") }
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
        if keptPasswords > 0 { parts[parts.count - 1] += "; passwords kept: \(keptPasswords)" }
        if !groups.isEmpty { parts[parts.count - 1] += "; groups: \(groups.joined(separator: ", "))" }
        let maps = MapItem.Verdict.allCases.compactMap { verdict in
            let count = mapItems.count { $0.verdict == verdict }
            return count == 0 ? nil : "\(count) \(verdict)"
        }
        if !maps.isEmpty { parts[parts.count - 1] += "; map entries: \(maps.joined(separator: ", "))" }
        if !newAttributes.isEmpty { parts[parts.count - 1] += "; attributes: \(newAttributes.count) new" }
        return parts.joined(separator: ", ")
    }
}
