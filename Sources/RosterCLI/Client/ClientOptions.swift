import ArgumentParser
import RosterCredentials

/// The options of every command that calls a server.
struct ClientOptions: ParsableArguments {
    @Option(help: .setting("zone"))
    var zone: String?

    @Option(help: .setting("endpoint"))
    var endpoint: String?

    @Option(help: .setting("access_key_id"))
    var accessKeyID: String?

    @OptionGroup var authorities: AuthorityOptions

    @Option(help: ArgumentHelp("A YAML file with settings.", valueName: "file"))
    var config: String?

    func open() async throws -> APIClient {
        let settings = try await Settings(
            flags: ["zone": zone, "endpoint": endpoint, "access_key_id": accessKeyID], file: config,
            defaultFiles: Settings.clientFiles)
        try settings.check(.client)
        var endpoint = settings.value("endpoint") ?? "http://127.0.0.1:8080"
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        let (id, secret) = try settings.credentials()
        return APIClient(
            http: APIClient.http(try authorities.configuration(for: endpoint)), endpoint: endpoint,
            zone: try settings.required("zone", flag: "--zone"),
            defaultCluster: settings.value("cluster_id"),
            signing: RequestSigning(accessKeyID: id, secretAccessKey: secret))
    }
}
