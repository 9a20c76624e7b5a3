/// A user of a page, read where it lies in its snapshot: nothing is copied until it is asked for.
package struct UserRow: Sendable {
    let block: UserBlock
    let index: Int
    package let cluster: ClusterID

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

    /// Calls `body` with the UTF-8 of the name, which is valid during the call.
    package func withUsername(_ body: (UnsafeBufferPointer<UInt8>) -> Void) { body(block.names.name(index)) }

    /// Calls `body` with the UTF-8 of the mount point, which is valid during the call.
    package func withMountPoint(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        block.texts.withText(Int(record.mount), body)
    }

    /// A copy of all of it.
    package var user: User { block.withFields(index, cluster: cluster) { User($0) } }
}
