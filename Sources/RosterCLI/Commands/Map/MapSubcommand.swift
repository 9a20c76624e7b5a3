import ArgumentParser
import RosterCredentials
import RosterDirectory
import RosterImport
import RosterLDAP
import RosterModel
import RosterServing
import RosterSnapshot
import RosterStore

struct MapSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map", abstract: "Sudo rules, automount maps and netgroups of clusters.",
        discussion: """
            Map entries are served over LDAP below the entry of their cluster, at the place that they had in the directory that
            they came from. A place is a name without the base, such as cn=ops,ou=sudoers.

            Examples:
              slapcat | roster map import --data /var/lib/roster --zone zone1 --cluster-id hpc-qig9xu97 -
              roster map list --zone zone1 --cluster-id hpc-qig9xu97 --kind sudoRole
              roster map show --zone zone1 --cluster-id hpc-qig9xu97 cn=ops,ou=sudoers
            """,
        subcommands: [List.self, Show.self, Put.self, Remove.self, Import.self, Export.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the map entries of a cluster.",
            discussion: """
                Examples:
                  roster map list --zone zone1 --cluster-id hpc-qig9xu97 --limit 100
                  roster map list --zone zone1 --cluster-id hpc-qig9xu97 --place ou=automount --kind automount --json
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var page: PageOptions

        @Option(help: ArgumentHelp("The cluster.", valueName: "hpc-…"))
        var clusterID: String

        @Option(help: ArgumentHelp("Only entries of this object class.", valueName: "class"))
        var kind: String?

        @Option(help: ArgumentHelp("Only this entry and those below it.", valueName: "place"))
        var place: String?

        @Option(help: ArgumentHelp("Only places that hold this, whatever their case.", valueName: "word"))
        var searchWord: String?

        func run() async throws {
            try await list(
                Answer.self, path: "/api/map", client, page,
                [("cluster_id", clusterID), ("kind", kind), ("place", place), ("search_word", searchWord)])
        }

        private struct Answer: TableAnswer {
            let totalCount: Int
            let rows: [AnswerRow]

            private enum CodingKeys: String, CodingKey {
                case totalCount = "total_count"
                case rows = "map_set"
            }

            static let columns = ["kind", "place", "update_time"]
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one map entry, as lines of its attributes.",
            discussion: """
                Examples:
                  roster map show --zone zone1 --cluster-id hpc-qig9xu97 cn=ops,ou=sudoers
                  roster map show --zone zone1 --cluster-id hpc-qig9xu97 cn=nodes,ou=netgroup --json
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var target: MapOptions

        @Flag(help: "Print the answer as it came.")
        var json = false

        func run() async throws {
            let body = try await client.open().get(
                path: "/api/map/describeEntry",
                parameters: [("cluster_id", target.clusterID), ("place", target.place)])
            let answer = try APIAnswer.decode(Answer.self, from: body)
            guard !json else { return try Output.raw(String(decoding: body, as: UTF8.self) + "\n") }
            try Output.line("place: \(answer.entry.place)")
            try Output.line("kind: \(answer.entry.kind)")
            for attribute in MapAttribute.allCases {
                for value in answer.entry.attributes[attribute.name] ?? [] {
                    try Output.line("\(attribute.name): \(value)")
                }
            }
        }

        private struct Answer: Decodable {
            let entry: Entry

            struct Entry: Decodable {
                let place: String
                let kind: String
                let attributes: [String: [String]]
            }
        }
    }

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a map entry, or replace the one at the same place.",
            discussion: """
                Of an entry that is replaced nothing is left: name every value.

                Examples:
                  roster map put --zone zone1 --cluster-id hpc-qig9xu97 --kind organizationalUnit ou=sudoers
                  roster map put --zone zone1 --cluster-id hpc-qig9xu97 --kind sudoRole cn=ops,ou=sudoers \
                    'sudoUser: %wheel' 'sudoHost: ALL' 'sudoCommand: ALL'
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var target: MapOptions

        @Option(help: ArgumentHelp("The object class of the entry.", valueName: "class"))
        var kind: String

        @Argument(help: ArgumentHelp("The values, each with the name of its attribute.", valueName: "name: value"))
        var attributes: [String] = []

        func run() async throws {
            try await target.send("putEntry", client, ["kind": kind], lists: ["attributes": attributes])
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a map entry.",
            discussion: """
                Examples:
                  roster map remove --zone zone1 --cluster-id hpc-qig9xu97 cn=ops,ou=sudoers
                  roster map remove --zone zone1 --cluster-id hpc-qig9xu97 --subordinates ou=automount
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var target: MapOptions

        @Flag(help: "Remove the entries below it too.")
        var subordinates = false

        func run() async throws {
            try await target.send("removeEntry", client, subordinates ? ["subordinates": "1"] : [:])
        }
    }
}
