import HTTPTypes
import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore

/// `GET /api/user/uidHistory`: which user has or had a uid of a cluster. An addition to the vendor's API.
struct UIDHistory: StoreCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/user/uidHistory"
    static let action = "HpcUserUidHistoryResponse"
    static let summary = "Tells which user has or had a uid of a cluster."
    static let access = CallAccess.wholeCluster
    static let parameters =
        [
            .zone,
            .clusterOfRead,
            ParameterDescription(
                "uid_number", .posixNumber, isRequired: true, example: "41522", meaning: "The uid."),
            ParameterDescription("at", .time, meaning: "Who had the uid at this time; else the last who had it."),
        ]

    static let answer = [AnswerMember].page(
        "holder_set",
        of: .named(
            "Holder",
            [
                AnswerMember("from_time", .time, meaning: "Since when it has or had the uid."),
                AnswerMember("hpcuser_id", .text, meaning: "The identifier of the user."),
                AnswerMember("uid_number", .posixNumber, meaning: "The uid."),
                AnswerMember(
                    "until_time", .optional(.time), meaning: "Until when it had the uid; null if it still has."),
                AnswerMember("username", .text, meaning: "The name under which it was given the uid."),
            ]))

    let directory: Directory

    /// - Returns: the allocation of the uid; nil if it was never allocated, or no user had it at the requested time.
    /// - Throws: `invalidParameter`; `notFound`; `permissionDenied` if the key does not see all of the
    ///   cluster; `busy` if the store, which holds the ledger, cannot be reached.
    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> IDAllocation? {
        let parameters = CallParameters(request.request)
        guard let cluster = parameters["cluster_id"] else { throw .invalid("cluster_id", "is missing") }
        guard let number = parameters["uid_number"] else { throw .invalid("uid_number", "is missing") }
        let id = try ClusterID(cluster)
        let uid = try User.posixNumber(number, name: "uid_number")
        let time = try parameters.time("at")
        _ = try request.snapshot.cluster(id, in: try request.requiredZone(), scope: request.scope)
        try request.actor.authorization.requireLedger(of: id)
        do throws(StoreError) {
            return try await directory.holder(of: uid, in: id).flatMap { $0.holds(at: time) ? $0 : nil }
        } catch {
            throw error.clientError
        }
    }

    func write(_ allocation: IDAllocation?, to json: inout JSONWriter) {
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
