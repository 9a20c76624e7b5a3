import ArgumentParser
import Foundation
import RosterCredentials

/// The options of every command that calls a server.
struct ClientOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The zone of the clusters.", valueName: "zone"))
    var zone: String?

    @Option(help: ArgumentHelp("The server; default http://127.0.0.1:8080.", valueName: "url"))
    var endpoint: String?

    @Option(help: ArgumentHelp("The key to sign with; its secret is never a flag.", valueName: "id"))
    var accessKeyID: String?

    @Option(help: ArgumentHelp("A YAML file with settings.", valueName: "file"))
    var config: String?

    func open() async throws -> APIClient {
        let settings = try await Settings(
            flags: ["zone": zone, "endpoint": endpoint, "access_key_id": accessKeyID], file: config,
            defaultFiles: Settings.clientFiles)
        var endpoint = settings.value("endpoint") ?? "http://127.0.0.1:8080"
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        guard let url = URL(string: endpoint), ["http", "https"].contains(url.scheme), url.host != nil else {
            throw CommandError("the endpoint '\(endpoint)' is not a URL such as https://hpc-api.example.com")
        }
        let (id, secret) = try settings.credentials()
        return APIClient(
            endpoint: endpoint, zone: try settings.required("zone", flag: "--zone"),
            defaultCluster: settings.value("cluster_id"),
            signing: RequestSigning(accessKeyID: id, secretAccessKey: secret))
    }
}
