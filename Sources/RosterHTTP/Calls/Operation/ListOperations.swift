import HTTPTypes
import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore

/// `GET /api/operation`: the operation log (reference page, section 8).
struct ListOperations: StoreCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/operation"
    static let action = "HpcOperationListOperationResponse"
    static let summary = "Lists the jobs of the operation log."
    static let isVendors = true
    static let access = CallAccess.everyAccount
    static let parameters =
        [
            .zone,
            ParameterDescription("jobs", .jobIDs(maximum: 100), meaning: "Only these jobs."),
            ParameterDescription("job_ids", .jobIDs(maximum: 100), meaning: "Another name of jobs."),
            ParameterDescription("status", .choice(statuses.map(\.key)), meaning: "Only jobs in this state."),
            ParameterDescription(
                "job_action", .text(maximumBytes: nil), meaning: "Only jobs of this action, ignoring case."),
            ParameterDescription("cluster_id", .clusterID, meaning: "Only jobs about this cluster."),
            ParameterDescription("username", .text(maximumBytes: nil), meaning: "Only jobs about this user."),
            ParameterDescription("resource_ids", .words(maximum: 100), meaning: "Only jobs about these resources."),
            ParameterDescription("owner", .accountID, meaning: "Only jobs of this account."),
            ParameterDescription("start_time", .time, meaning: "Only jobs since this time."),
            ParameterDescription("end_time", .time, meaning: "Only jobs until this time."),
        ] + .searchWord + .page

    static let answer = [AnswerMember].page(
        "job_set",
        of: .named(
            "Job",
            [
                AnswerMember("action_describe", .text, meaning: "What was done, and with which outcome."),
                AnswerMember("create_time", .time, meaning: "When the job began."),
                AnswerMember("error_codes", .text, meaning: "The ret_code of a job that failed; else empty."),
                AnswerMember("job_action", .text, meaning: "The kind of job, such as AddUser."),
                AnswerMember("job_id", .jobID, meaning: "The identifier of the job."),
                AnswerMember(
                    "owner", .optional(.accountID), meaning: "The account that asked for it; null if none did."),
                AnswerMember("resource_ids", .text, meaning: "What the job is about, separated by spaces."),
                AnswerMember("status", .choice(statuses.map(\.key)), meaning: "How far the job is."),
                AnswerMember("status_time", .time, meaning: "Since when it has this status."),
                AnswerMember("submitter", .text, meaning: "The key, or the user of the local command line."),
            ]))

    private static let statuses: KeyValuePairs<String, OperationEvent.Status> = [
        "pending": .pending, "successful": .successful, "failed": .failed,
    ]

    let directory: Directory

    /// - Throws: `invalidParameter`, `notFound`, `permissionDenied`; `busy` if the store, which holds the log, cannot
    ///   be reached.
    func perform(
        _ request: AuthenticatedRequest
    ) async throws(RosterError) -> OperationPage {
        let query = try Self.query(request)
        do throws(StoreError) {
            return try await directory.operations(query)
        } catch {
            throw error.clientError
        }
    }

    private static func query(_ request: AuthenticatedRequest) throws(RosterError) -> OperationQuery {
        let parameters = CallParameters(request.request)
        var jobs: Set<JobID> = []
        for name in ["jobs", "job_ids"] {
            for text in try parameters.words(name) {
                guard let job = try? JobID(text) else {
                    throw .invalid(name, "'\(text.sanitizedForDisplay(limit: 32))' is not of the form j-… of a job")
                }
                jobs.insert(job)
            }
        }
        let status = try parameters.choice("status", of: statuses)
        let resources = Set(try parameters.words("resource_ids"))
        var owner: AccountID?
        if let text = parameters["owner"] {
            // Not the error of `AccountID`, which would name the parameter `user_id`.
            guard let account = try? AccountID(text) else {
                throw .invalid("owner", "not of the form usr-… with 1 to 32 letters or digits")
            }
            owner = account
        }
        let (start, end) = (try parameters.time("start_time"), try parameters.time("end_time"))
        let searchWord = try parameters.searchWord()
        let page = try PageParameters(parameters)
        var query = OperationQuery(
            scope: try OperationScope(
                of: request.actor, zone: try request.requiredZone(), in: request.snapshot))
        query.jobs = jobs
        query.status = status
        query.action = parameters["job_action"]
        try about(parameters, request: request, query: &query)
        query.resources = resources
        query.owner = owner
        query.start = start
        query.end = end
        query.searchWord = searchWord
        (query.isReversed, query.limit, query.offset) = (page.isReversed, page.limit, page.offset)
        return query
    }

    /// The cluster and the user that the jobs are about. A user is found by its name and, where the key sees it, by its
    /// identifier, which does not change with the name.
    private static func about(
        _ parameters: CallParameters, request: AuthenticatedRequest, query: inout OperationQuery
    ) throws(RosterError) {
        var cluster: ClusterID?
        if let text = parameters["cluster_id"] { cluster = try ClusterID(text) }
        query.cluster = cluster
        let (scope, snapshot) = (request.actor.scope, request.snapshot)
        let inView = try snapshot.clustersInView(zone: try request.requiredZone(), cluster: cluster, scope: scope)
        guard let name = parameters["username"] else { return }
        var words: Set<String> = [CommandExecutor.word(name)]
        for cluster in inView {
            guard let user = snapshot.user(named: name, in: cluster.id) else { continue }
            switch scope.visibility(in: cluster.id) {
            case .all: break
            case .rows(let account): guard user.account == account else { continue }
            case nil: continue
            }
            words.formUnion([user.id.text, user.username.text])
        }
        query.userWords = words
    }

    func write(_ page: OperationPage, to json: inout JSONWriter) {
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
