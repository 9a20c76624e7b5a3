import ArgumentParser

extension UserSubcommand {
    /// `roster user delete`: deletes a user; its home stays.
    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete users; their homes stay, and their uids are never given again.",
            discussion: """
                On a terminal it asks first. Many users are deleted in one transaction.

                Examples:
                  roster user delete --zone zone1 --cluster-id hpc-qig9xu97 zhangsan
                  roster user delete --zone zone1 --cluster-id hpc-qig9xu97 --state expired --group course2025 --yes
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var users: UserSelection

        func run() async throws {
            try await users.send(
                "delete", client, path: "/api/user/deleteUser",
                note: "homes stay, and uids are never given again", asksAlways: true)
        }
    }
}
