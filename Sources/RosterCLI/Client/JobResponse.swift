import ArgumentParser
import RosterModel

/// The response to a command.
struct JobResponse: Decodable {
    let job: String

    private enum CodingKeys: String, CodingKey {
        case job = "job_id"
    }
}

extension ClientOptions {
    /// Sends a command and prints its job.
    /// - Parameters:
    ///   - path: the path of the call.
    ///   - cluster: the cluster of the target of the command; nil if it is in none.
    ///   - subject: the members of the body that name the target in it.
    ///   - members: further members of the body.
    ///   - lists: members of the body that are lists of names.
    ///   - attributes: members of the body that are objects of attributes and their values.
    ///   - waits: whether to wait until the job has ended, and to print how.
    /// - Throws: `CommandError` if the server refuses the command or cannot be reached, or if the awaited job fails.
    func send(
        _ path: String, in cluster: ClusterOption? = nil, about subject: [String: String],
        members: [String: String?] = [:],
        lists: [String: [String]] = [:], attributes: [String: [String: [String]]] = [:],
        waits: Bool = false
    ) async throws {
        var body = RequestBody(members.merging(subject) { _, named in named })
        body.lists = lists
        body.attributes = attributes
        let connection = try await open()
        if let cluster { body.members["cluster_id"] = try await cluster.id(connection) }
        let response = try await connection.post(path: path, body: body)
        let job = try ResponseEnvelope.decode(JobResponse.self, from: response).job
        guard waits else { return try Output.line("done, job \(job)") }
        let end = try await connection.ends(of: [job])
        try Output.line("done, job \(job): \(end[job] ?? "")")
    }
}

extension APIClient {
    /// How often the end of jobs is asked for.
    private static let waitPause = Duration.milliseconds(200)
    /// How long the end of jobs is waited for.
    private static let longestWait = Duration.seconds(600)
    /// The most jobs of one call.
    private static let askedJobs = 100

    /// Waits until the jobs have ended, at most ten minutes.
    /// - Returns: what the operation log says of each.
    /// - Throws: `CommandError` if a job has failed, or has not ended in time.
    func ends(of jobs: [String]) async throws -> [String: String] {
        let start = ContinuousClock.now
        var (waiting, ends) = (jobs[...], [String: String]())
        var failed: [String] = []
        while !waiting.isEmpty {
            let asked = waiting.prefix(Self.askedJobs)
            let body = try await get(
                path: "/api/operation",
                parameters: [("jobs", asked.joined(separator: ",")), ("limit", String(Self.askedJobs))])
            for row in try ResponseEnvelope.decode(JobList.self, from: body).jobs {
                guard let job = row["job_id"], row["status"] != "pending", ends[job] == nil else { continue }
                ends[job] = row["action_describe"] ?? ""
                if row["status"] == "failed" { failed.append(job) }
            }
            waiting = waiting.drop { ends[$0] != nil }
            guard !waiting.isEmpty else { break }
            guard ContinuousClock.now - start < Self.longestWait else {
                throw CommandError(
                    "\(waiting.count) jobs have not ended within 10 minutes, the first is \(waiting[waiting.startIndex])"
                )
            }
            try await Task.sleep(for: Self.waitPause)
        }
        guard let first = failed.first else { return ends }
        let told = (ends[first] ?? "").sanitizedForDisplay(limit: 500)
        throw CommandError(
            failed.count == 1
                ? "job \(first) failed: \(told)" : "\(failed.count) jobs failed, the first is \(first): \(told)")
    }

    private struct JobList: Decodable {
        let jobs: [ResponseRow]

        private enum CodingKeys: String, CodingKey {
            case jobs = "job_set"
        }
    }
}
