import ArgumentParser
import RosterModel

extension UserSubcommand {
    /// `roster user show`: prints everything about one user.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show all that is kept of one user.",
            discussion: """
                Examples:
                  roster user show --zone zone1 --cluster-id hpc-qig9xu97 zhang
                  roster user show --zone zone1 --cluster-id hpc-qig9xu97 --uid-number 41532 --json
                """)

        @OptionGroup var client: ClientOptions

        @OptionGroup var cluster: ClusterOption

        @Option(help: "The user of this uid, in the place of a name.")
        var uidNumber: String?

        @Flag(help: "Print the answer as it came.")
        var json = false

        @Argument(help: "The user's name.", completion: .users)
        var username: String?

        func validate() throws {
            guard (username == nil) != (uidNumber == nil) else {
                throw ValidationError("Say which user: a name, or --uid-number.")
            }
        }

        func run() async throws {
            let connection = try await client.open()
            let parameters = [
                ("cluster_id", try await cluster.id(connection)), ("username", username), ("uid_number", uidNumber),
            ]
            let body = try await connection.get(
                path: "/api/user/describeUser",
                parameters: parameters.compactMap { name, value in value.map { (name: name, value: $0) } })
            let response = try ResponseEnvelope.decode(Response.self, from: body)
            guard !json else { return try Output.raw(String(decoding: body, as: UTF8.self) + "\n") }
            let width = response.user.lines.map(\.name.count).max() ?? 0
            for (name, value) in response.user.lines {
                let gap = String(repeating: " ", count: width - name.count + 2)
                try Output.line("\(name)\(gap)\(value.sanitizedForDisplay(limit: 4096))")
            }
        }
    }
}

private struct Response: Decodable {
    let user: Description

    /// A user as the server describes it: names and values, in the order of the names.
    struct Description: Decodable {
        let lines: [(name: String, value: String)]

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Key.self)
            var lines: [(name: String, value: String)] = []
            for key in members.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
                if key.stringValue == "attributes" {
                    let attributes = try members.decode([String: [String]].self, forKey: key)
                    for (name, values) in attributes.sorted(by: { $0.key < $1.key }) {
                        // Print the size of a photo instead of its content.
                        let isPhoto = name == UserAttribute.photo.name
                        lines += values.map { (name, isPhoto ? "(\($0.utf8.count / 4 * 3) bytes)" : $0) }
                    }
                } else if let list = try? members.decode([String].self, forKey: key) {
                    lines.append((key.stringValue, list.isEmpty ? "-" : list.joined(separator: " ")))
                } else {
                    lines.append((key.stringValue, try members.decode(String?.self, forKey: key) ?? "-"))
                }
            }
            self.lines = lines
        }
    }
}
