import ArgumentParser

/// The options of every command about one user.
struct UserOptions: ParsableArguments {
    @OptionGroup var cluster: ClusterOption

    @Argument(help: ArgumentHelp("The user's name.", valueName: "name"), completion: .users)
    var username: String

    /// The members of a request body that name the user in its cluster.
    var members: [String: String] { ["username": username] }
}
