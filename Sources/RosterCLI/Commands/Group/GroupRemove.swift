import ArgumentParser

extension GroupSubcommand {
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take users out of a group, all of them or none; the users stay.",
            discussion: "Example:\n  roster group remove --zone zone1 --cluster-id hpc-qig9xu97 physics lisi")

        @OptionGroup var members: MemberOptions

        func run() async throws { try await members.send(as: "remove_members") }
    }
}
