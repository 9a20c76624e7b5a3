import ArgumentParser

/// The options of every command about one map entry.
struct MapOptions: ParsableArguments {
    @OptionGroup var cluster: ClusterOption

    @Argument(help: ArgumentHelp("The entry's name below the cluster's base.", valueName: "place"))
    var place: String

    /// The members of a request body that name the entry in its cluster.
    var members: [String: String] { ["place": place] }
}
