import ArgumentParser

/// The options of every command about one group.
struct GroupOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The group's cluster.", valueName: "hpc-…"))
    var clusterID: String

    @Argument(help: ArgumentHelp("The group's name.", valueName: "group"))
    var groupName: String

    /// The members of a body that name the group.
    var members: [String: String] { ["cluster_id": clusterID, "group_name": groupName] }
}

/// The arguments of a command about members of a group.
struct MemberOptions: ParsableArguments {
    @OptionGroup var client: ClientOptions
    @OptionGroup var group: GroupOptions

    @Argument(help: ArgumentHelp("The names of the users.", valueName: "name"))
    var usernames: [String]

    /// Sends the names as the list called `list`.
    func send(as list: String) async throws {
        try await client.send("/api/group/modifyGroup", about: group.members, lists: [list: usernames])
    }
}
