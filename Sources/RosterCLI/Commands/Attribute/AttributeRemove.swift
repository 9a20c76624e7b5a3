import ArgumentParser
import RosterDirectory

extension AttributeSubcommand {
    /// `roster attribute remove`: removes a declaration, through the API or in the store itself.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a declaration that no user needs.",
            discussion: """
                While users have the attribute, it stays: unset it for them first, with roster user modify --unset.

                Examples:
                  roster attribute remove --zone zone1 costCentre
                """)

        @OptionGroup var client: ClientOptions

        @Argument(help: ArgumentHelp("The attribute's name.", valueName: "name"))
        var name: String

        @OptionGroup(title: "Work on the store itself instead of asking a server") var data: StoreOptions

        func run() async throws {
            guard data.isGiven else {
                return try await client.send("/api/attribute/removeAttribute", about: ["name": name])
            }
            try await data.perform(.remove(name: name))
        }
    }
}
