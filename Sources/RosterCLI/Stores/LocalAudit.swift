import Glibc
import RosterDirectory
import RosterModel

/// The actor on the local command line: the operating system's user.
enum LocalAudit {
    /// `os:NAME`, or `os:NUMBER` if the number has no name.
    static var submitter: String {
        let uid = getuid()
        guard let entry = getpwuid(uid) else { return "os:\(uid)" }
        return "os:" + String(cString: entry.pointee.pw_name)
    }

    /// The event of a successful local command.
    static func event(_ action: String, resources: [String], clusters: [ClusterID] = []) -> OperationEvent {
        OperationEvent(
            job: .make(), time: .now, action: action, submitter: submitter, origin: "local", clusters: clusters,
            resources: resources, status: .successful)
    }
}
