import ArgumentParser
import RosterModel

extension UserSubcommand {
    /// `roster user restore`: undoes the deletion of a user.
    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Restore a deleted user, with its uid, its attributes and its state.",
            discussion: """
                Within 90 days of the deletion, its password and its groups come back too. Groups that were deleted
                meanwhile are named. If several users of the name were deleted, it is the last one, or the one of
                --hpcuser-id. The command prints what came back.

                Examples:
                  roster user restore --zone zone1 --cluster-id hpc-qig9xu97 zhangsan
                  roster user restore --zone zone1 --cluster-id hpc-qig9xu97 zhangsan --as zhang3
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        @Option(help: ArgumentHelp("The name that it gets, if another user has its own.", valueName: "new-name"))
        var `as`: String?

        @Option(help: ArgumentHelp("Which of several deleted users of the name.", valueName: "id"))
        var hpcuserId: String?

        func run() async throws {
            let connection = try await client.open()
            var body = RequestBody(["cluster_id": try await user.cluster.id(connection), "username": user.username])
            if let name = `as` { body.members["new_username"] = .some(name) }
            if let hpcuserId { body.members["hpcuser_id"] = .some(hpcuserId) }
            let response = try await connection.post(path: "/api/user/restoreUser", body: body)
            let restored = try ResponseEnvelope.decode(RestoreResponse.self, from: response)
            try Output.line("done, job \(restored.job)")
            try Output.line(restored.message.sanitizedForDisplay(limit: 4096))
        }
    }
}

private struct RestoreResponse: Decodable {
    let job: String
    let message: String

    private enum CodingKeys: String, CodingKey {
        case message
        case job = "job_id"
    }
}
