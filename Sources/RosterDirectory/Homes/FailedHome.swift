package import RosterModel

/// A home that could not be made, for the log of the server. The operation log has it too, as the end of the job.
package struct FailedHome: Sendable, Equatable {
    package let job: JobID
    package let cluster: ClusterID
    /// The name of the user; `-` if it was deleted meanwhile.
    package let name: String
    /// One line for an administrator.
    package let cause: String
}
