import Foundation
import GRDB
import RosterModel
import RosterStore

/// The rows of a connection's current transaction, each read by its key with a cached statement.
struct TransactionRows: RowSource {
    let db: Database

    func load(_ readSet: ReadSet, into workingSet: inout WorkingSet) throws {
        for digest in readSet.requests where !workingSet.requests.isLoaded(digest) {
            let row = try db.firstRow("\(IdempotencyRecord.select) WHERE digest = ?", [Data(digest)])
            workingSet.requests.load(digest, row.map(IdempotencyRecord.init))
        }
        for id in readSet.clusters where !workingSet.clusters.isLoaded(id) {
            let row = try db.firstRow("SELECT revision FROM clusters WHERE cluster_id = ?", [id.text])
            workingSet.clusters.load(id, row.map { .init(revision: Revision($0[0])) })
        }
        // Before the allocations: those of removed users are found by the users' uids.
        for id in readSet.users where !workingSet.users.isLoaded(id) {
            let row = try db.firstRow(
                """
                SELECT cluster_id, uid_number, name_key, revision, deleted_time FROM users WHERE hpcuser_id = ?
                """,
                [id.text])
            workingSet.users.load(id, row.map(WorkingSet.UserState.init))
        }
        for name in readSet.names where !workingSet.names.isLoaded(name) {
            let row = try db.firstRow(
                "SELECT hpcuser_id FROM users WHERE cluster_id = ? AND name_key = ? AND deleted_time IS NULL",
                [name.cluster.text, name.key.text])
            workingSet.names.load(name, row.map { HPCUserID(stored: $0[0]) })
        }
        try loadAllocations(readSet, into: &workingSet)
        try loadGroups(readSet, into: &workingSet)
        for key in readSet.mapEntries where !workingSet.mapEntries.isLoaded(key) {
            let row = try db.firstRow(
                "SELECT revision, deleted_time FROM map_entries WHERE cluster_id = ? AND place_key = ?",
                [key.cluster.text, key.place.text])
            workingSet.mapEntries.load(
                key,
                row.map {
                    .init(
                        revision: Revision($0[0]), deletedTime: ($0[1] as Int64?).map { Timestamp(seconds: $0) })
                })
        }
        for id in readSet.keys where !workingSet.keys.isLoaded(id) {
            let row = try db.firstRow("SELECT revision FROM access_keys WHERE access_key_id = ?", [id.text])
            workingSet.keys.load(id, row.map { .init(revision: Revision($0[0])) })
        }
        for cluster in readSet.inhabitedClusters {
            // One row more than are removed shows that a user remains; an index stores them side by side.
            workingSet.inhabitants[cluster] = try db.all(
                "SELECT hpcuser_id FROM users WHERE cluster_id = ? AND deleted_time IS NULL LIMIT ?",
                [cluster.text, readSet.removedUsers.count + 1]
            ) { HPCUserID(stored: $0[0]) }
        }
    }

    func allocatedNumbers(of range: NumberRange, from first: UInt32, limit: Int) throws -> [UInt32] {
        try db.all(
            """
            SELECT number FROM number_ledger WHERE cluster_id = ? AND kind = ? AND number BETWEEN ? AND ?
            ORDER BY number LIMIT ?
            """,
            [range.cluster.text, range.kind.rawValue, Int64(first), Int64(range.numbers.upperBound), limit]
        ) { $0[0] }
    }

    private func loadAllocations(_ readSet: ReadSet, into workingSet: inout WorkingSet) throws {
        func load(_ key: AllocationKey) throws {
            guard !workingSet.allocations.isLoaded(key) else { return }
            let allocation = try IDAllocation.fetch(db, of: key.cluster, kind: key.kind, number: key.number)
            workingSet.allocations.load(key, allocation)
        }
        for key in readSet.allocations { try load(key) }
        for id in readSet.removedUsers {
            guard let user = workingSet.users[id] else { continue }
            try load(AllocationKey(cluster: user.cluster, kind: .uid, number: user.uidNumber))
        }
        for range in readSet.ranges where !workingSet.largest.isLoaded(range) {
            let row = try db.firstRow(
                """
                SELECT number FROM number_ledger WHERE cluster_id = ? AND kind = ? AND number BETWEEN ? AND ?
                ORDER BY number DESC LIMIT 1
                """,
                [
                    range.cluster.text, range.kind.rawValue, Int64(range.numbers.lowerBound),
                    Int64(range.numbers.upperBound),
                ])
            workingSet.largest.load(range, row?[0])
        }
    }

    private func loadGroups(_ readSet: ReadSet, into workingSet: inout WorkingSet) throws {
        for key in readSet.groups where !workingSet.groups.isLoaded(key) {
            let row = try db.firstRow(
                """
                SELECT cluster_id, gid_number, name_key, revision, deleted_time FROM groups
                WHERE cluster_id = ? AND gid_number = ?
                """,
                [key.cluster.text, Int64(key.gidNumber)])
            workingSet.groups.load(key, row.map(WorkingSet.GroupState.init))
        }
        for name in readSet.groupNames where !workingSet.groupNames.isLoaded(name) {
            let row = try db.firstRow(
                "SELECT gid_number FROM groups WHERE cluster_id = ? AND name_key = ? AND deleted_time IS NULL",
                [name.cluster.text, name.key.text])
            workingSet.groupNames.load(name, row.map { Group.Key(cluster: name.cluster, gidNumber: $0[0]) })
        }
        for id in readSet.removedUsers where !workingSet.memberships.isLoaded(id) {
            var groups: Set<Group.Key> = []
            let rows = try db.rows(
                """
                SELECT g.cluster_id, g.gid_number, g.name_key, g.revision, g.deleted_time FROM group_members m
                JOIN groups g ON g.cluster_id = m.cluster_id AND g.gid_number = m.gid_number WHERE m.hpcuser_id = ?
                """,
                [id.text])
            while let row = try rows.next() {
                let key = Group.Key(cluster: ClusterID(stored: row[0]), gidNumber: row[1])
                workingSet.groups.load(key, WorkingSet.GroupState(row))
                groups.insert(key)
            }
            workingSet.memberships.load(id, groups)
        }
    }
}

extension WorkingSet.UserState {
    /// - Parameter row: of `cluster_id, uid_number, name_key, revision, deleted_time`.
    fileprivate init(_ row: Row) {
        let cluster = ClusterID(stored: row[0])
        self.init(
            cluster: cluster, uidNumber: row[1], name: NameKey(cluster, row[2] as String), revision: Revision(row[3]),
            deletedTime: (row[4] as Int64?).map { Timestamp(seconds: $0) })
    }
}

extension WorkingSet.GroupState {
    /// - Parameter row: of `cluster_id, gid_number, name_key, revision, deleted_time`.
    fileprivate init(_ row: Row) {
        self.init(
            name: NameKey(ClusterID(stored: row[0]), row[2] as String), revision: Revision(row[3]),
            deletedTime: (row[4] as Int64?).map { Timestamp(seconds: $0) })
    }
}
