import ArgumentParser
import RosterDirectory
import RosterModel
import RosterServing
import RosterSnapshot
import RosterStore

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
            """,
        subcommands: [List.self, Create.self, Add.self, Remove.self, Delete.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the groups that the key may see, with their members.",
            discussion: """
                Who has a group as its primary group is in it without being listed.

                Examples:
                  roster group list --zone zone1
                  roster group list --zone zone1 --cluster-id hpc-qig9xu97 --sort-key gid_number --json
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var page: PageOptions

        @Option(help: ArgumentHelp("Only this cluster's groups.", valueName: "hpc-…"))
        var clusterID: String?

        @Option(help: ArgumentHelp("Only names that hold this, whatever their case.", valueName: "word"))
        var searchWord: String?

        @Option(help: "group_name (default) or gid_number.")
        var sortKey: String?

        func run() async throws {
            try await list(
                Answer.self, path: "/api/group", client, page,
                [("cluster_id", clusterID), ("search_word", searchWord), ("sort_key", sortKey)])
        }

        private struct Answer: TableAnswer {
            let totalCount: Int
            let rows: [AnswerRow]

            private enum CodingKeys: String, CodingKey {
                case totalCount = "total_count"
                case rows = "group_set"
            }

            static let columns = ["cluster_id", "group_name", "gid_number", "is_primary", "members"]
        }
    }
}

/// The options of every order about one group.
struct GroupOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The group's cluster.", valueName: "hpc-…"))
    var clusterID: String

    @Argument(help: ArgumentHelp("The group's name.", valueName: "group"))
    var groupName: String
}

/// What an order about members of a group is told.
struct MembersOrder: ParsableArguments {
    @OptionGroup var client: ClientOptions
    @OptionGroup var group: GroupOptions

    @Argument(help: ArgumentHelp("The names of the users.", valueName: "name"))
    var usernames: [String]

    /// - Parameter list: of the call, that the names go into.
    func execute(_ list: String) async throws {
        var body = RequestBody()
        body.lists[list] = usernames
        try await group.send("modifyGroup", body, by: client)
    }
}

extension GroupOptions {
    /// Sends a command about the group and prints what came of it.
    fileprivate func send(_ action: String, _ body: RequestBody = RequestBody(), by client: ClientOptions) async throws
    {
        var body = body
        body.members["cluster_id"] = clusterID
        body.members["group_name"] = groupName
        try await client.perform("/api/group/\(action)", body)
    }
}

extension GroupSubcommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a group; it has no members yet.",
            discussion: """
                Examples:
                  roster group create --zone zone1 --cluster-id hpc-qig9xu97 physics
                  roster group create --zone zone1 --cluster-id hpc-qig9xu97 --gid-number 12000 chemistry
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var group: GroupOptions

        @Option(help: "A gid that was never given in the cluster; the next one where not said.")
        var gidNumber: String?

        func run() async throws {
            try await group.send(
                "createGroup", RequestBody(gidNumber.map { ["gid_number": $0] } ?? [:]), by: client)
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add users of the cluster to a group, all of them or none.",
            discussion: "Example:\n  roster group add --zone zone1 --cluster-id hpc-qig9xu97 physics zhangsan lisi")

        @OptionGroup var order: MembersOrder

        func run() async throws { try await order.execute("add_members") }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take users out of a group, all of them or none; the users stay.",
            discussion: "Example:\n  roster group remove --zone zone1 --cluster-id hpc-qig9xu97 physics lisi")

        @OptionGroup var order: MembersOrder

        func run() async throws { try await order.execute("remove_members") }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a group; its members stay, and its gid is never given again.",
            discussion: "Example:\n  roster group delete --zone zone1 --cluster-id hpc-qig9xu97 physics")

        @OptionGroup var client: ClientOptions
        @OptionGroup var group: GroupOptions

        func run() async throws {
            try await group.send("deleteGroup", by: client)
        }
    }
}
