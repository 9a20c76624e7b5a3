import ArgumentParser
import RosterDirectory
import RosterModel
import RosterStore

extension AttributeSubcommand {
    /// `roster attribute declare`: declares an attribute, through the API or in the store itself.
    struct Declare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Declare an attribute of users, on a server or on the store itself.",
            discussion: """
                Once more with the same name, it changes the object identifier, whether the attribute is searched, and one value to
                several.

                Examples:
                  roster attribute declare --zone zone1 projectCode --syntax text --multiple --searchable
                  roster attribute declare --data /var/lib/roster eduPersonAffiliation --syntax text --multiple \
                    --oid 1.3.6.1.4.1.5923.1.1.1.1
                """)

        @OptionGroup var client: ClientOptions

        @Argument(help: ArgumentHelp("The attribute's name.", valueName: "name"))
        var name: String

        @Option(help: "text, integer, boolean, dn or binary.")
        var syntax: String

        @Flag(help: "A user may have several values.")
        var multiple = false

        @Flag(help: "Lists of users can be searched for its words.")
        var searchable = false

        @Option(help: ArgumentHelp("Its object identifier; made where not said.", valueName: "oid"))
        var oid: String?

        @OptionGroup(title: "Work on the store itself instead of asking a server") var data: StoreOptions

        func run() async throws {
            guard data.isGiven else {
                return try await client.send(
                    "/api/attribute/declareAttribute", about: ["name": name],
                    members: ["syntax": syntax, "multiple": multiple ? "1" : "0", "searchable": searchable ? "1" : "0"]
                        .merging(oid.map { ["oid": $0] } ?? [:]) { $1 })
            }
            guard let syntax = AttributeDeclaration.Syntax(rawValue: syntax) else {
                throw CommandError("--syntax must be text, integer, boolean, dn or binary")
            }
            try await data.perform(
                .declare(name: name, oid: oid, syntax: syntax, isMultiple: multiple, isSearchable: searchable))
        }
    }
}

extension StoreOptions {
    /// Carries out a command about declared attributes in the store itself.
    func perform(_ command: AttributeCommand) async throws {
        let store = try await open().store
        // The users are read only to see whether they have an attribute that is to be removed.
        let isRemoval = if case .remove = command { true } else { false }
        let contents = isRemoval ? try await store.load { _ in } : nil
        let basis = try await store.importBasis(for: [], ids: [])
        var change = try command.change(of: basis.attributes, now: .now) { attribute in
            contents?.users.count { !$0.attributes[attribute].isEmpty } ?? 0
        }
        var event = LocalAudit.event(command.action, resources: [command.name])
        event.message = change.attributes.map(\.summary).joined()
        change.events = [event]
        _ = try await store.commit(change, ifNewest: contents?.revision ?? basis.revision)
        for declaration in change.attributes { try Output.line("\(declaration.name): \(declaration.summary)") }
    }
}
