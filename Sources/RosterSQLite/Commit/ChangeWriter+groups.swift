import GRDB
import RosterModel
import RosterStore

extension ChangeWriter {
    /// Puts a group in the place of the one with its gid.
    /// - Throws: `groupTaken`.
    func put(_ group: Group) throws {
        do {
            try group.write(db, revision: revision)
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
            throw StoreError.groupTaken(group.name, in: group.cluster)
        }
        try IDAllocation.GID(group.key).reactivate(db)
    }

    /// Makes a group with a gid that was never given.
    /// - Throws: `groupTaken`, `numberTaken`, `noNumberLeft`, `noSuchCluster`.
    func add(_ added: Change.AddedGroup) throws {
        var group = added.group
        guard try db.hasRow("SELECT 1 FROM clusters WHERE cluster_id = ?", [group.cluster.text]) else {
            throw StoreError.noSuchCluster(group.cluster)
        }
        if let range = added.range { group.gidNumber = try freeNumber(.gid, in: range, of: group.cluster) }
        let gid = IDAllocation.GID(group.key)
        guard try gid.give(db, name: group.name, time: time) else { throw try gid.taken(db) }
        try put(group)
    }

    func remove(_ key: Group.Key) throws {
        try db.run(
            "DELETE FROM group_members WHERE cluster_id = ? AND gid_number = ?",
            [key.cluster.text, Int64(key.gidNumber)])
        try db.run(
            """
            UPDATE groups SET deleted_time = ?, revision = ?
            WHERE cluster_id = ? AND gid_number = ? AND deleted_time IS NULL
            """,
            [time.seconds, revision.number, key.cluster.text, Int64(key.gidNumber)])
        guard db.changesCount == 1 else { return }
        try IDAllocation.GID(key).end(db, time: time)
    }
}
