import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore

/// `GET /api/operation`: the operation log (reference page, section 8).
struct ListOperations {
    static let action = "HpcOperationListOperationResponse"

    let directory: Directory

    /// - Throws: `invalidParameter`, `notFound`, `permissionDenied`, and `busy` where the store is away: the log is read
    ///   from it.
    func page(_ caller: AuthenticatedRequest) async throws(RosterError) -> (totalCount: Int, operations: [Operation]) {
        let query = try query(caller)
        do throws(StoreError) {
            return try await directory.operations(query)
        } catch {
            throw error.clientError
        }
    }

    private func query(_ caller: AuthenticatedRequest) throws(RosterError) -> OperationQuery {
        let parameters = CallParameters(caller.request)
        var jobs: Set<JobID> = []
        for name in ["jobs", "job_ids"] {
            for text in try parameters.words(name) {
                guard let job = try? JobID(text) else {
                    throw .invalid(name, "'\(text.sanitizedForDisplay(limit: 32))' is not of the form j-… of a job")
                }
                jobs.insert(job)
            }
        }
        let status = try parameters.choice(
            "status", of: ["pending": OperationEvent.Status.pending, "successful": .successful, "failed": .failed])
        let resources = Set(try parameters.words("resource_ids"))
        var owner: AccountID?
        if let text = parameters["owner"] { owner = try AccountID(text) }
        let (start, end) = (try parameters.time("start_time"), try parameters.time("end_time"))
        let searchWord = try parameters.searchWord()
        let isReversed = try parameters.isReversed()
        let (limit, offset) = (try parameters.limit(), try parameters.count("offset") ?? 0)
        var query = OperationQuery(
            scope: try OperationScope(
                of: caller.actor, zone: try caller.requiredZone(), in: caller.snapshot))
        query.jobs = jobs
        query.status = status
        query.action = parameters["job_action"]
        query.resources = resources
        query.owner = owner
        query.start = start
        query.end = end
        query.searchWord = searchWord
        query.isReversed = isReversed
        query.limit = limit
        query.offset = offset
        return query
    }

    static func write(_ page: (totalCount: Int, operations: [Operation]), to json: inout JSONWriter) {
        json.key("total_count")
        json.number(page.totalCount)
        json.key("job_set")
        json.array { json in
            for operation in page.operations { operation.write(to: &json) }
        }
    }
}

extension Operation {
    /// The job as an element of the list.
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("action_describe")
            json.string(message)
            json.key("create_time")
            json.string(createTime.iso8601)
            json.key("error_codes")
            json.string(error.map { String($0.returnCode) } ?? "")
            json.key("job_action")
            json.string(action)
            json.key("job_id")
            json.string(id.text)
            json.key("owner")
            if let owner { json.string(owner.text) } else { json.null() }
            json.key("resource_ids")
            json.string(resources.joined(separator: " "))
            json.key("status")
            json.string(status.rawValue)
            json.key("status_time")
            json.string(statusTime.iso8601)
            json.key("submitter")
            json.string(submitter)
        }
    }
}
