import ArgumentParser
import RosterHTTP

/// `roster api`: the API of this version.
struct APISubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api", abstract: "Describe the API.", subcommands: [APIDescribe.self])
}

/// `roster api describe`: prints what a server of this version answers to `GET /api/openapi.json`.
struct APIDescribe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Print the description of all calls (OpenAPI 3.1).",
        discussion: "Example:\n  roster api describe > openapi.json")

    func run() throws { try Output.raw(OpenAPIDocument.text) }
}
