import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore

/// `GET /api/user/uidHistory`: who has or had a uid of a cluster. Roster's own call.
struct UIDHistory {
    static let action = "HpcUserUidHistoryResponse"

    let directory: Directory

    /// The grant of the number; nil where it was never given, or belonged to nobody at the time that is asked for.
    /// - Throws: `invalidParameter`, `notFound`, `permissionDenied` to who does not administer the cluster, and `busy`
    ///   where the store is away: the ledger is read from it.
    func allocation(_ caller: AuthenticatedRequest) async throws(RosterError) -> IDAllocation? {
        let parameters = CallParameters(caller.request)
        guard let cluster = parameters["cluster_id"] else { throw .invalid("cluster_id", "is missing") }
        guard let number = parameters["uid_number"] else { throw .invalid("uid_number", "is missing") }
        let id = try ClusterID(cluster)
        let uid = try User.posixNumber(number, name: "uid_number")
        let time = try parameters.time("at")
        _ = try caller.snapshot.cluster(id, in: try caller.requiredZone(), scope: caller.scope)
        try caller.actor.authorization.requireLedger(of: id)
        do throws(StoreError) {
            return try await directory.holder(of: uid, in: id).flatMap { $0.holds(at: time) ? $0 : nil }
        } catch {
            throw error.clientError
        }
    }

    static func write(_ allocation: IDAllocation?, to json: inout JSONWriter) {
        json.key("total_count")
        json.number(allocation == nil ? 0 : 1)
        json.key("holder_set")
        json.array { json in
            guard let allocation else { return }
            json.object { json in
                json.key("from_time")
                json.string(allocation.from.iso8601)
                json.key("hpcuser_id")
                json.string(allocation.holder)
                json.key("uid_number")
                json.string(String(allocation.number))
                json.key("until_time")
                if let until = allocation.until { json.string(until.iso8601) } else { json.null() }
                json.key("username")
                json.string(allocation.name)
            }
        }
    }
}
