import ArgumentParser

extension GroupSubcommand {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add users of the cluster to a group, all of them or none.",
            discussion: "Example:\n  roster group add --zone zone1 --cluster-id hpc-qig9xu97 physics zhangsan lisi")

        @OptionGroup var members: MemberOptions

        func run() async throws { try await members.send(as: "add_members") }
    }
}
