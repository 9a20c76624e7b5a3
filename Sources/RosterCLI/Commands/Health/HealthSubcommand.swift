import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// `roster health`: asks a server whether it is ready, for containers and scripts.
struct HealthSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask a server whether it is ready; needs no key.",
        discussion: """
            Ends with 0 if the server is ready, 3 if it is read-only because its store is away, and 1 if it is starting or does
            not answer.

            Examples:
              roster health
              roster health --endpoint https://hpc-api.example.com --timeout 2
            """)

    @Option(help: ArgumentHelp("The server; default http://127.0.0.1:8080.", valueName: "url"))
    var endpoint: String?

    @Option(help: ArgumentHelp("How long to wait for an answer; default 5.", valueName: "seconds"))
    var timeout: Int = 5

    @OptionGroup var authorities: AuthorityOptions

    @Flag(help: "Print nothing; only the exit code tells.")
    var quiet = false

    func validate() throws {
        guard (1...3600).contains(timeout) else { throw ValidationError("--timeout is from 1 to 3600 seconds.") }
    }

    func run() async throws {
        var address = endpoint ?? ProcessInfo.processInfo.environment["ROSTER_ENDPOINT"] ?? "http://127.0.0.1:8080"
        while address.hasSuffix("/") { address.removeLast() }
        guard let url = URL(string: address), ["http", "https"].contains(url.scheme), url.host != nil else {
            throw CommandError("the endpoint '\(address)' is not a URL such as https://hpc-api.example.com")
        }
        let tls = try authorities.configuration(for: address)
        let health: Health
        do {
            health = try await Self.ask(address, tls, within: .seconds(timeout))
        } catch {
            if quiet { throw ExitCode.failure }
            throw error is TimeoutError
                ? CommandError("\(address) gave no answer within \(timeout) s")
                : CommandError("cannot reach \(address): \(APIClient.reason(error))")
        }
        if !quiet { try Output.line("\(health.status)\(health.message.map { ": \($0)" } ?? "")") }
        switch health.status {
        case "ready": return
        case "read-only": throw ExitCode(3)
        default: throw ExitCode.failure
        }
    }

    /// No whole answer came in time.
    private struct TimeoutError: Error {}

    private static func ask(
        _ address: String, _ tls: TLSConfiguration?, within time: Duration
    ) async throws -> Health {
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(configuration: configuration)
        let result: Result<Health, any Error>
        do {
            result = .success(
                try await withThrowingTaskGroup(of: Health.self) { group in
                    group.addTask {
                        try await client.execute(
                            HTTPClientRequest(url: "\(address)/health/ready"), timeout: .hours(1)
                        ).health
                    }
                    group.addTask {
                        try await Task.sleep(for: time)
                        throw TimeoutError()
                    }
                    defer { group.cancelAll() }
                    guard let first = try await group.next() else { throw TimeoutError() }
                    return first
                })
        } catch {
            result = .failure(error)
        }
        try? await client.shutdown()
        return try result.get()
    }

    fileprivate struct Health: Decodable {
        let status: String
        let message: String?
    }
}

extension HTTPClientResponse {
    fileprivate var health: HealthSubcommand.Health {
        get async throws {
            let body = try await body.collect(upTo: 64 << 10)
            guard
                let health = try? JSONDecoder().decode(HealthSubcommand.Health.self, from: Data(body.readableBytesView))
            else { throw CommandError("it answers with status \(status.code), and is no Roster server") }
            return health
        }
    }
}
