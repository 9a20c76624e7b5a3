import ArgumentParser
import RosterModel

extension UserSubcommand {
    /// `roster user unlock`: unlocks a user.
    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Unlock users.",
            discussion: """
                Examples:
                  roster user unlock --zone zone1 --cluster-id hpc-qig9xu97 zhangsan
                  roster user unlock --zone zone1 --cluster-id hpc-qig9xu97 --from names.txt
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var users: UserSelection

        func run() async throws {
            try await users.send(
                "unlock", client, path: "/api/user/modifyUser", members: ["state": User.State.active.rawValue])
        }
    }
}
