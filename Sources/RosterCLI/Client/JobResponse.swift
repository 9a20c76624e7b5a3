import ArgumentParser

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
    /// - Throws: `CommandError` if the server refuses the command or cannot be reached.
    func send(
        _ path: String, in cluster: ClusterOption? = nil, about subject: [String: String],
        members: [String: String?] = [:],
        lists: [String: [String]] = [:], attributes: [String: [String: [String]]] = [:]
    ) async throws {
        var body = RequestBody(members.merging(subject) { _, named in named })
        body.lists = lists
        body.attributes = attributes
        let connection = try await open()
        if let cluster { body.members["cluster_id"] = try await cluster.id(connection) }
        let response = try await connection.post(path: path, body: body)
        try Output.line("done, job \(try ResponseEnvelope.decode(JobResponse.self, from: response).job)")
    }
}
