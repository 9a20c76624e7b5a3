import ArgumentParser

/// The options of every command about one group.
struct GroupOptions: ParsableArguments {
    @OptionGroup var cluster: ClusterOption

    @Argument(help: ArgumentHelp("The group's name.", valueName: "group"), completion: .groups)
    var groupName: String

    /// The members of a request body that name the group in its cluster.
    var members: [String: String] { ["group_name": groupName] }
}

/// The arguments of a command about members of a group.
struct MemberOptions: ParsableArguments {
    @OptionGroup var client: ClientOptions
    @OptionGroup var group: GroupOptions

    @Argument(help: ArgumentHelp("The names of the users.", valueName: "name"), completion: .users)
    var usernames: [String] = []

    @Option(
        help: ArgumentHelp(
            "A group of the cluster whose members are members by that. May be repeated.", valueName: "group"),
        completion: .groups)
    var memberGroup: [String] = []

    @Option(
        help: ArgumentHelp(
            "A name that is no user's, as of an account that only nodes know. May be repeated.", valueName: "name"))
    var memberName: [String] = []

    func validate() throws {
        guard usernames.isEmpty, memberGroup.isEmpty, memberName.isEmpty else { return }
        throw ValidationError("Name at least one user, --member-group or --member-name.")
    }

    /// Sends the names.
    /// - Parameter verb: `add` or `remove`, the prefix of the call's lists.
    func send(_ verb: String) async throws {
        let lists = ["members": usernames, "member_groups": memberGroup, "member_names": memberName]
        try await client.send(
            "/api/group/modifyGroup", in: group.cluster, about: group.members,
            lists: Dictionary(
                uniqueKeysWithValues: lists.filter { !$0.value.isEmpty }.map { ("\(verb)_\($0.key)", $0.value) }))
    }
}
