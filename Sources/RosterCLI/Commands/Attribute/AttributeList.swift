import ArgumentParser
import RosterModel
import RosterStore

extension AttributeSubcommand {
    /// `roster attribute list`: lists the declared attributes, through the API or from the store itself.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the attributes that the site declares.",
            discussion: """
                Examples:
                  roster attribute list --zone zone1
                  roster attribute list --data /var/lib/roster
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Work on the store itself instead of asking a server") var data: StoreOptions

        func run() async throws {
            guard data.isGiven else {
                return try await list(Response.self, path: "/api/attribute", by: client, page: page, parameters: [])
            }
            let declarations = try await data.open(isMade: false).store.importBasis(for: [], ids: []).attributes
            var table = Table(Response.columns)
            var count = 0
            for case .declared(let declaration) in AttributeCatalog(declarations).declared {
                count += 1
                table.add([
                    declaration.name, declaration.syntax.rawValue, declaration.isMultiple ? "1" : "0",
                    declaration.isSearchable ? "1" : "0", declaration.oid,
                ])
            }
            try Output.raw(table.text)
            Output.printDiagnostic("\(count) of \(count)")
        }

        private struct Response: TableResponse {
            let totalCount: Int
            let rows: [ResponseRow]

            private enum CodingKeys: String, CodingKey {
                case totalCount = "total_count"
                case rows = "attribute_set"
            }

            static let columns = ["name", "syntax", "multiple", "searchable", "oid"]
        }
    }
}
