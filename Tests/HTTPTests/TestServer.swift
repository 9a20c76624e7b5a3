import HTTPTypes
import Logging
import NIOCore
import NIOPosix

@testable import RosterHTTP

/// A server on a loopback socket, with the connection handler that `roster serve` has.
struct TestServer {
    let handler: APIHandler

    /// Serves while `body` runs.
    func test<Result>(_ body: (TestClient) async throws -> Result) async throws -> Result {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try HTTPConnectionHandler.configure(
                        channel, handler: handler, idleTimeout: .seconds(60), logger: logger)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(TestClient(address: server.localAddress))
            try await server.close()
            return result
        } catch {
            try? await server.close()
            throw error
        }
    }
}

struct TestResponse {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let body: ByteBuffer
}

/// Makes each request on a connection of its own.
struct TestClient {
    private struct NoResponseError: Error {}

    let address: SocketAddress?

    @discardableResult
    func execute<Result>(
        uri: String, method: HTTPRequest.Method, headers: HTTPFields = [:], body: ByteBuffer? = nil,
        _ check: (TestResponse) async throws -> Result
    ) async throws -> Result {
        guard let address else { throw NoResponseError() }
        var head = "\(method.rawValue) \(uri) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        for field in headers { head += "\(field.name.rawName): \(field.value)\r\n" }
        if let body { head += "Content-Length: \(body.readableBytes)\r\n" }
        var request = ByteBuffer(string: head + "\r\n")
        if let body { request.writeImmutableBuffer(body) }
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(to: address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        var bytes = ByteBuffer()
        try await connection.executeThenClose { inbound, outbound in
            try await outbound.write(request)
            for try await part in inbound { bytes.writeImmutableBuffer(part) }
        }
        return try await check(try Self.response(bytes))
    }

    private static func response(_ bytes: ByteBuffer) throws -> TestResponse {
        let text = String(buffer: bytes)
        guard let end = text.firstRange(of: "\r\n\r\n") else { throw NoResponseError() }
        var lines = text[..<end.lowerBound].split(separator: "\r\n")
        let status = lines.removeFirst().split(separator: " ", maxSplits: 2)
        guard status.count == 3, let code = Int(status[1]) else { throw NoResponseError() }
        var headers = HTTPFields()
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let name = HTTPField.Name(String(parts[0])) else { throw NoResponseError() }
            headers.append(HTTPField(name: name, value: String(parts[1].dropFirst())))
        }
        return TestResponse(
            status: HTTPResponse.Status(code: code, reasonPhrase: String(status[2])), headers: headers,
            body: ByteBuffer(string: String(text[end.upperBound...])))
    }
}

extension HTTPField.Name {
    static let rosterRevision = HTTPField.Name("Roster-Revision")
}
