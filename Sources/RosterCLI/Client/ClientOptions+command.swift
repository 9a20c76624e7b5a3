/// The answer to a command.
private struct JobAnswer: Decodable {
    let job: String

    private enum CodingKeys: String, CodingKey {
        case job = "job_id"
    }
}

extension ClientOptions {
    /// Sends a command and prints its job.
    /// - Throws: `CommandError` where the server cannot be reached or refuses it.
    func perform(_ path: String, _ body: RequestBody) async throws {
        let response = try await open().post(path: path, body: body)
        try Output.line("done, job \(APIAnswer.decode(JobAnswer.self, from: response).job)")
    }
}
