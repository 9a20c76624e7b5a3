import ArgumentParser

/// `roster user …`: lists and maintains users.
struct UserSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "List users on a server, and look after them.",
        subcommands: [
            List.self, Show.self, Groups.self, Check.self, Add.self, Modify.self, Delete.self, Restore.self, Lock.self,
            Unlock.self,
            Expire.self, Export.self, Rename.self, Key.self,
        ])
}
