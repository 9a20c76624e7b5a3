import RosterModel
import RosterSnapshot

/// Which users of a cluster have the SSH keys that commands of one batch give: whoever has a key logs in as each of them.
///
/// The cluster's attributes are read once for all commands, and not at all if none of them gives a key.
struct SharedSSHKeys {
    /// The users that have a key after the batch, for each key that the batch gives.
    private var owners: [[UInt8]: [HPCUserID: Username]] = [:]

    /// Up to this many keys, the search for their text is faster than reading every key of the cluster.
    private static let maximumSearchedKeys = 8

    /// - Parameter plans: the commands of one batch, planned at `snapshot`.
    init(givenBy plans: some Sequence<UserCommandPlan>, in snapshot: Snapshot, cluster: ClusterID) {
        var planned: Set<HPCUserID> = []
        for plan in plans {
            planned.insert(plan.userID)
            for key in plan.newKeys { owners[key] = [:] }
        }
        guard !owners.isEmpty else { return }
        for plan in plans {
            guard let user = plan.resultingUser else { continue }
            add(user)
        }
        let filter: Filter =
            owners.count > Self.maximumSearchedKeys
            ? .attribute(.sshPublicKey, .present)
            : .any(
                owners.keys.map { key in
                    .attribute(
                        .sshPublicKey,
                        .substring(.init(parts: [String(decoding: Base64.encode(key), as: UTF8.self)])))
                })
        var search = snapshot.search(filter, in: cluster, visibility: .all)
        var budget = Int.max
        // The search for a text ignores case, so that each key is compared again.
        while let row = search.next(budget: &budget) {
            if !planned.contains(row.id) { add(row.user) }
        }
    }

    private mutating func add(_ user: User) {
        for key in user.attributes.sshKeyBlobs { owners[key]?[user.id] = user.username }
    }

    /// What the operation log says of the keys that `plan` gives and that other users have; empty if there are none. The
    /// names of the others are told only to an actor that sees all users of the cluster.
    func note(on plan: UserCommandPlan) -> String {
        var others: Set<Username> = []
        for key in plan.newKeys {
            for (id, name) in owners[key] ?? [:] where id != plan.userID { others.insert(name) }
        }
        guard let first = others.min(by: { $0.text < $1.text }) else { return "" }
        guard plan.seesAll else { return "; an SSH key is also one of another user" }
        return "; an SSH key is also one of \(first)" + (others.count > 1 ? " and \(others.count - 1) more" : "")
    }
}
