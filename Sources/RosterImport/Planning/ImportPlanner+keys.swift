import RosterModel
import RosterStore

extension ImportPlanner {
    /// A diagnostic about SSH keys that users with different names have: whoever has the key logs in as each of them.
    /// The same name in several clusters is one person.
    func sharedKeys(_ plan: ImportPlan, basis: ImportBasis) -> [ImportDiagnostic] {
        guard plan.items.contains(where: { !$0.user.attributes[.sshPublicKey].isEmpty }) else { return [] }
        var owners: [[UInt8]: Username] = [:]
        let planned = Set(plan.items.lazy.map(\.user.id))
        for user in basis.users where !planned.contains(user.id) {
            for key in user.attributes.sshKeyBlobs { owners[key] = user.username }
        }
        var first: (line: Int, user: Username, other: Username)?
        var shared: Set<[UInt8]> = []
        for item in plan.items where item.verdict != .skipped {
            for key in item.user.attributes.sshKeyBlobs {
                guard let other = owners[key], other.key != item.user.username.key else {
                    owners[key] = item.user.username
                    continue
                }
                if first == nil { first = (item.line, item.user.username, other) }
                shared.insert(key)
            }
        }
        return first.map { line, user, other in
            [
                ImportDiagnostic(
                    line: line,
                    "an SSH key of \(user) is also one of \(other); keys that several users have: \(shared.count), "
                        + "the first one here")
            ]
        } ?? []
    }
}
