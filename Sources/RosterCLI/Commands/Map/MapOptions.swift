import ArgumentParser

/// The options of every command about one map entry.
struct MapOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The entry's cluster.", valueName: "hpc-…"))
    var clusterID: String

    @Argument(help: ArgumentHelp("The entry's name below the cluster's base.", valueName: "place"))
    var place: String

    /// The members of a request body that name the entry.
    var members: [String: String] { ["cluster_id": clusterID, "place": place] }
}
