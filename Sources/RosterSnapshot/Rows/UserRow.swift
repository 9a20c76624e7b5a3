package import RosterModel

/// A user read in place in its snapshot: nothing is copied until it is requested.
package struct UserRow: Sendable {
    let block: UserBlock
    let index: Int
    /// The index of the user's cluster.
    let clusterIndex: ClusterIndex

    package var cluster: ClusterID { clusterIndex.cluster.id }
    private var record: UserRecord { block[index] }

    package var uidNumber: UInt32 { record.uidNumber }
    package var gidNumber: UInt32 { record.gidNumber }
    package var role: Role { record.role }
    package var createTime: Timestamp { Timestamp(seconds: record.createTime) }
    package var updateTime: Timestamp { Timestamp(seconds: record.updateTime) }
    package var mode: FileMode? { record.fileMode }

    /// Calls `body` with the UTF-8 of the `hpcuser_id`, which is valid during the call.
    package func withID(_ body: (UnsafeBufferPointer<UInt8>) -> Void) { block.withID(index, body) }

    /// Calls `body` with the UTF-8 of the account's identifier, which is valid during the call.
    package func withAccount(_ body: (UnsafeBufferPointer<UInt8>) -> Void) { block.withAccount(index, body) }

    /// The UTF-8 of the name, valid as long as the row lives.
    package var username: UnsafeBufferPointer<UInt8> { block.names.name(index) }

    /// The UTF-8 of the mount point, valid as long as the row lives.
    package var mountPoint: UnsafeBufferPointer<UInt8> { block.mount(index) }

    /// A copy of the whole user.
    package var user: User { block.withFields(index, cluster: cluster) { User($0) } }
}
