import ArgumentParser
import Foundation
import RosterCredentials
import RosterModel

extension UserSubcommand {
    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "key", abstract: "Look after the SSH keys of a user.",
            subcommands: [Add.self, List.self, Remove.self])
    }
}

extension UserSubcommand.Key {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add SSH public keys, in the form of authorized_keys.",
            discussion: """
                A key that the user has already gets the new comment and expiry. From the expiry on the LDAP server withholds the
                key, and sshd, which is told it in the key's own line, refuses it.

                Examples:
                  roster user key add --zone zone1 --cluster-id hpc-qig9xu97 zhang ~/.ssh/id_ed25519.pub
                  roster user key add --zone zone1 --cluster-id hpc-qig9xu97 --expires 2027-06-30T22:00:00Z zhang key.pub
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        @Option(help: ArgumentHelp("When the keys expire, in UTC.", valueName: "time"))
        var expires: String?

        @Flag(help: "Prove the present password first, as a member must.")
        var own = false

        @Argument(help: ArgumentHelp("A file of keys, one a line; - is standard input.", valueName: "file"))
        var file: String = "-"

        func run() async throws {
            let expires = try expires.map { text in
                guard let time = Timestamp(iso8601: text) else {
                    throw ValidationError("--expires is a time such as 2027-06-30T22:00:00Z.")
                }
                return time
            }
            guard let text = String(validating: try InputFile.read(file), as: UTF8.self) else {
                throw CommandError("\(file) is not text in UTF-8")
            }
            var keys: [String] = []
            for line in text.split(whereSeparator: \.isNewline).map({ $0.trimmingCharacters(in: .whitespaces) })
            where !line.isEmpty && !line.hasPrefix("#") {
                do throws(RosterError) {
                    var key = try SSHPublicKey(line)
                    if let expires { key.expires = expires }
                    keys.append(key.line)
                } catch {
                    throw CommandError("\(file): key \(keys.count + 1): \(error.message)")
                }
            }
            guard !keys.isEmpty else { throw CommandError("there is no key in \(file)") }
            try await user.sendKeys("add_attributes", keys, isOwn: own, by: client)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the SSH keys of a user.",
            discussion: "Example:\n  roster user key list --zone zone1 --cluster-id hpc-qig9xu97 zhang")

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        @Flag(help: "Print the keys themselves, as authorized_keys has them.")
        var lines = false

        func run() async throws {
            let keys = try await user.keys(client)
            if lines {
                for key in keys { try Output.line(key.line) }
                return
            }
            var table = Table(["fingerprint", "type", "expires", "comment"])
            for key in keys {
                table.add([
                    key.fingerprint, key.type, key.expires.map(\.iso8601) ?? "-",
                    key.comment.isEmpty ? "-" : key.comment,
                ])
            }
            try Output.raw(table.text)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove SSH keys of a user.",
            discussion: """
                Examples:
                  roster user key remove --zone zone1 --cluster-id hpc-qig9xu97 zhang SHA256:Wq0…
                  roster user key remove --zone zone1 --cluster-id hpc-qig9xu97 zhang zhang@laptop
                  roster user key remove --zone zone1 --cluster-id hpc-qig9xu97 --all zhang
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        @Flag(help: "Remove all keys.")
        var all = false

        @Flag(help: "Prove the present password first, as a member must.")
        var own = false

        @Argument(help: "The fingerprint of a key, or its comment.")
        var key: String?

        func validate() throws {
            guard all != (key != nil) else { throw ValidationError("Name a key, or give --all.") }
        }

        func run() async throws {
            let keys = try await user.keys(client)
            let found = keys.filter { all || $0.fingerprint == key || $0.comment == key }
            guard !found.isEmpty else {
                throw CommandError("\(user.username) has no such key; roster user key list shows them")
            }
            guard all || found.count == 1 else {
                throw CommandError(
                    "\(found.count) keys have this comment: name one by its fingerprint, "
                        + found.map(\.fingerprint).joined(separator: " or "))
            }
            try await user.sendKeys("delete_attributes", found.map(\.line), isOwn: own, by: client)
        }
    }
}

extension UserOptions {
    /// The SSH keys that the server has of the user.
    fileprivate func keys(_ client: ClientOptions) async throws -> [SSHPublicKey] {
        struct Answer: Decodable {
            let user: User

            struct User: Decodable {
                let attributes: [String: [String]]
            }
        }
        let body = try await client.open().get(
            path: "/api/user/describeUser", parameters: [("cluster_id", clusterID), ("username", username)])
        let answer = try APIAnswer.decode(Answer.self, from: body)
        return (answer.user.attributes[UserAttribute.sshPublicKey.name] ?? []).compactMap { try? SSHPublicKey($0) }
    }

    fileprivate func sendKeys(
        _ member: String, _ keys: [String], isOwn: Bool, by client: ClientOptions
    ) async throws {
        var body = RequestBody()
        body.attributes[member] = [UserAttribute.sshPublicKey.name: keys]
        if isOwn { body.members["password"] = try Secret.read("Present password of \(username)", twice: false) }
        try await send("modifyUser", body, by: client)
    }
}
