import ArgumentParser
import RosterModel

extension UserSubcommand {
    /// `roster user key …`: maintains the SSH keys of a user.
    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "key", abstract: "Look after the SSH keys of a user.",
            subcommands: [Add.self, List.self, Remove.self])
    }
}

extension UserOptions {
    /// The user's SSH keys on the server.
    func keys(_ client: ClientOptions) async throws -> [SSHPublicKey] {
        struct Response: Decodable {
            let user: User

            struct User: Decodable {
                let attributes: [String: [String]]
            }
        }
        let connection = try await client.open()
        let body = try await connection.get(
            path: "/api/user/describeUser",
            parameters: [("cluster_id", try await cluster.id(connection)), ("username", username)])
        let response = try ResponseEnvelope.decode(Response.self, from: body)
        return (response.user.attributes[UserAttribute.sshPublicKey.name] ?? []).compactMap { try? SSHPublicKey($0) }
    }

    /// - Parameter member: the member of the body that takes the keys.
    func sendKeys(
        _ member: String, _ keys: [String], isOwn: Bool, by client: ClientOptions
    ) async throws {
        let password: String? = isOwn ? try Secret.read("Present password of \(username)", twice: false) : nil
        try await client.send(
            "/api/user/modifyUser", in: cluster, about: self.members, members: password.map { ["password": $0] } ?? [:],
            attributes: [member: [UserAttribute.sshPublicKey.name: keys]])
    }
}
