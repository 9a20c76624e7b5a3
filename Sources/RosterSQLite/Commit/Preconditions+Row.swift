import GRDB
import RosterModel
import RosterStore

extension Preconditions {
    /// Whether they hold in the transaction of the change that bears them.
    /// - Parameter removed: the users that the change removes.
    func hold(_ db: Database, removing removed: [HPCUserID]) throws -> Bool {
        for id in users {
            let isThere = try db.hasRow(
                "SELECT 1 FROM users WHERE hpcuser_id = ? AND revision <= ? AND deleted_time IS NULL",
                [id.text, revision.number])
            guard isThere else { return false }
        }
        for id in clusters {
            let isThere = try db.hasRow(
                "SELECT 1 FROM clusters WHERE cluster_id = ? AND revision <= ?", [id.text, revision.number])
            guard isThere else { return false }
        }
        for group in groups {
            let isThere = try db.hasRow(
                """
                SELECT 1 FROM groups WHERE cluster_id = ? AND gid_number = ? AND revision <= ? AND deleted_time IS NULL
                """,
                [group.cluster.text, Int64(group.gidNumber), revision.number])
            guard isThere else { return false }
        }
        for id in keys {
            let isThere = try db.hasRow(
                "SELECT 1 FROM access_keys WHERE access_key_id = ? AND revision <= ?", [id.text, revision.number])
            guard isThere else { return false }
        }
        for id in missingClusters {
            guard try !db.hasRow("SELECT 1 FROM clusters WHERE cluster_id = ?", [id.text]) else { return false }
        }
        for id in inhabitedClusters {
            guard try hasUser(db, id, beside: removed) else { return false }
        }
        return true
    }

    /// Whether the cluster has a user that is not among `removed`.
    private func hasUser(_ db: Database, _ cluster: ClusterID, beside removed: [HPCUserID]) throws -> Bool {
        // One more than are removed tell; an index has them side by side.
        let present = try String.fetchAll(
            db.cachedStatement(
                sql: "SELECT hpcuser_id FROM users WHERE cluster_id = ? AND deleted_time IS NULL LIMIT ?"),
            arguments: [cluster.text, removed.count + 1])
        return present.contains { id in !removed.contains { $0.text == id } }
    }
}
