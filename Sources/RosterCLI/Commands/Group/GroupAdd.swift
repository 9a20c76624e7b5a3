import ArgumentParser

extension GroupSubcommand {
    /// `roster group add`: adds users, groups and names to a group.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add users, groups and names to a group, all of them or none.",
            discussion: """
                Examples:
                  roster group add --zone zone1 --cluster-id hpc-qig9xu97 physics zhangsan lisi
                  roster group add --zone zone1 --cluster-id hpc-qig9xu97 physics --member-group optics --member-name slurm
                """)

        @OptionGroup var members: MemberOptions

        func run() async throws { try await members.send("add") }
    }
}
