import ArgumentParser

extension GroupSubcommand {
    /// `roster group remove`: removes users, groups and names from a group.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take users, groups and names out of a group, all of them or none; they stay themselves.",
            discussion: """
                Examples:
                  roster group remove --zone zone1 --cluster-id hpc-qig9xu97 physics lisi
                  roster group remove --zone zone1 --cluster-id hpc-qig9xu97 physics --member-group optics
                """)

        @OptionGroup var members: MemberOptions

        func run() async throws { try await members.send("remove") }
    }
}
