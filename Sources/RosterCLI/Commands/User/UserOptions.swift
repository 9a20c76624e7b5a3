import ArgumentParser

/// The options of every command about one user.
struct UserOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The user's cluster.", valueName: "hpc-…"))
    var clusterID: String

    @Argument(help: ArgumentHelp("The user's name.", valueName: "name"))
    var username: String

    /// The members of a request body that name the user.
    var members: [String: String] { ["cluster_id": clusterID, "username": username] }
}
