/// What an import would do, told before it is done. It is made at one revision and is true only while that is the newest.
package struct ImportPlan: Sendable {
    /// The revision that it was made at.
    package let revision: Revision
    /// What happens to each record, in the order of the file.
    package internal(set) var items: [Item] = []
    /// What the file's syntax, its fields or the directory forbid. One is enough to refuse the whole file.
    package internal(set) var faults: [Fault] = []
    /// What is worth saying and refuses nothing.
    package internal(set) var remarks: [ImportRemark] = []
    /// Clear-text passwords, to be hashed before the plan is applied.
    package internal(set) var clearPasswords: [ClearPassword] = []
    package internal(set) var newClusters: [Cluster] = []
    package internal(set) var newGroups: [Group] = []

    package struct Item: Sendable {
        package let line: Int
        package internal(set) var user: User
        package internal(set) var verdict: Verdict
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
    }

    package struct Fault: Sendable, Equatable {
        package let line: Int
        package let kind: Kind
        package let message: String

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

    /// How many items have a verdict that `isCounted`.
    package func count(where isCounted: (Verdict) -> Bool) -> Int {
        items.count { isCounted($0.verdict) }
    }

    /// Puts the hash of a clear-text password in its place; a user whose hash differs now counts as changed.
    package mutating func settle(_ password: ClearPassword, hash: PasswordHash, now: Timestamp) {
        guard hash != password.present else { return }
        items[password.item].user.password = hash
        items[password.item].user.passwordTime = now
        switch items[password.item].verdict {
        case .unchanged:
            items[password.item].user.updateTime = now
            items[password.item].verdict = .changed(["password"])
        case .changed(let fields): items[password.item].verdict = .changed(fields + ["password"])
        case .new, .restored, .skipped: break
        }
    }

    /// The change that makes the plan true, with the event that tells of it.
    package func change(event: OperationEvent, now: Timestamp) -> Change {
        var change = Change(time: now)
        change.clusters = newClusters
        change.groups = newGroups
        change.users = items.compactMap { item in
            switch item.verdict {
            case .new, .changed, .restored: item.user
            case .unchanged, .skipped: nil
            }
        }
        var event = event
        event.clusters = Set(items.map(\.user.cluster)).sorted()
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
        return parts.joined(separator: ", ")
    }
}
