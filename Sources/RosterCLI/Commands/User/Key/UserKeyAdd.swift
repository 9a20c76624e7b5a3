import ArgumentParser
import Foundation
import RosterModel

extension UserSubcommand.Key {
    /// `roster user key add`: adds SSH public keys.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add SSH public keys, in the form of authorized_keys.",
            discussion: """
                A key that the user has already gets the new comment and expiry. From the expiry on the LDAP server withholds the
                key, and sshd, which is told it in the key's own line, refuses it.

                Examples:
                  roster user key add --zone zone1 --cluster-id hpc-qig9xu97 zhang ~/.ssh/id_ed25519.pub
                  roster user key add --zone zone1 --cluster-id hpc-qig9xu97 --expires 2027-06-30 zhang key.pub
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        @Option(
            help: ArgumentHelp(
                "When the keys expire: a day, whose last second is meant, a time, or 90d.", valueName: "time"))
        var expires: String?

        @OptionGroup var expiry: ExpiryOptions

        @Flag(help: "Do not ask about an expiry in the past.")
        var yes = false

        @Flag(help: "Prove the present password first, as a member must.")
        var own = false

        @Argument(help: ArgumentHelp("A file of keys, one a line; - is standard input.", valueName: "file"))
        var file: String = "-"

        func run() async throws {
            let expires = try expires.map { try expiry.expiry($0, flag: "--expires", isSure: yes) }
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
}
