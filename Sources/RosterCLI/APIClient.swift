import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Roster
import RosterCredentials

/// The options of every command that asks a server.
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
            throw CommandFailure("the endpoint '\(endpoint)' is not a URL such as https://hpc-api.example.com")
        }
        let id = try settings.required("access_key_id", "qy_access_key_id", flag: "--access-key-id")
        let secret = try settings.required("secret_access_key", "qy_secret_access_key", flag: nil, isSecret: true)
        return APIClient(
            endpoint: endpoint, zone: try settings.required("zone", flag: "--zone"),
            signing: RequestSigning(accessKeyID: id, secretAccessKey: secret))
    }
}

/// Calls the API of a server, signed like any other client.
struct APIClient {
    let endpoint: String
    let zone: String
    let signing: RequestSigning

    /// A signed URL for a GET of `path`.
    func url(path: String, parameters: [(name: String, value: String)]) -> String {
        let query = signing.query(
            method: "GET", path: path, parameters: parameters + [("zone", zone)], time: .now)
        return "\(endpoint)\(path)?\(query)"
    }

    /// The body of the answer.
    /// - Throws: `CommandFailure` where the server cannot be reached or answers with another status than 200.
    func get(path: String, parameters: [(name: String, value: String)]) async throws -> [UInt8] {
        let response: HTTPClientResponse
        let body: ByteBuffer
        do {
            let request = HTTPClientRequest(url: url(path: path, parameters: parameters))
            response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            body = try await response.body.collect(upTo: 64 << 20)
        } catch {
            throw CommandFailure("cannot reach \(endpoint): \(error)")
        }
        guard response.status == .ok else {
            let failure = try? JSONDecoder().decode(APIAnswer.self, from: Data(body.readableBytesView))
            throw CommandFailure(
                "\(endpoint) answers with status \(response.status.code): \(failure?.message ?? "is it a Roster server?")"
            )
        }
        return Array(body.readableBytesView)
    }
}

/// What every answer of the API has.
struct APIAnswer: Decodable {
    let action: String
    let returnCode: Int
    let message: String?

    enum CodingKeys: String, CodingKey {
        case action
        case returnCode = "ret_code"
        case message
    }

    /// - Throws: `CommandFailure` with the server's words where the call failed.
    static func decode<Answer: Decodable>(_ type: Answer.Type, from body: [UInt8]) throws -> Answer {
        let decoder = JSONDecoder()
        guard let answer = try? decoder.decode(APIAnswer.self, from: Data(body)) else {
            throw CommandFailure("the answer is not one of the E-HPC API: is it a Roster server?")
        }
        guard answer.returnCode == 0 else {
            throw CommandFailure(
                "\(SignedRequest.printable(answer.message ?? "no reason given")) (\(answer.returnCode))")
        }
        guard let full = try? decoder.decode(type, from: Data(body)) else {
            throw CommandFailure("the answer \(SignedRequest.printable(answer.action)) lacks what it should hold")
        }
        return full
    }
}
