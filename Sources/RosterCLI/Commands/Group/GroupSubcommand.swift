import ArgumentParser

/// `roster group …`: lists and maintains the groups of clusters.
struct GroupSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "group", abstract: "List the groups of clusters, and look after them.",
        discussion: """
            A cluster's own group is made with the cluster and holds all users that are added. Others are made here, and
            users of the cluster become members of them.

            Examples:
              roster group create --zone zone1 --cluster-id hpc-qig9xu97 physics
              roster group add --zone zone1 --cluster-id hpc-qig9xu97 physics zhangsan lisi
              roster group list --zone zone1 --cluster-id hpc-qig9xu97
              roster group show --zone zone1 --cluster-id hpc-qig9xu97 physics
            """,
        subcommands: [List.self, Show.self, Create.self, Add.self, Remove.self, Rename.self, Delete.self])
}
