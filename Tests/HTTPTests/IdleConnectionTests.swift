import Logging
import NIOCore
import NIOEmbedded
import RosterCredentials
import RosterDirectory
import RosterServing
import RosterStore
import RosterTesting
import Testing

@testable import RosterHTTP

/// When an idle connection is closed, by a clock that the test moves.
@Suite struct IdleConnectionTests {
    private static let limit = TimeAmount.seconds(60)

    private func handler() async throws -> APIHandler {
        let directory = Directory(
            store: MemoryStore(chaining: PlaintextSealing()),
            sealing: SealKey(bytes: Array(repeating: 7, count: 32)), verifying: HMACSignatures(),
            clock: { Fixtures.time }, report: { _ in })
        try await directory.start()
        let router = APIRouter(
            directory: directory, hashing: CryptHasher(), chaining: PlaintextSealing(), setName: .both)
        return APIHandler(
            directory: directory, router: router, limits: CallLimits(setting: .accountKeys, proxies: .none))
    }

    /// A connection on whose event loop no time passes by itself.
    private static func channel(_ handler: APIHandler) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try HTTPConnectionHandler.configure(
            channel, handler: handler, idleTimeout: limit,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        return channel
    }

    private static func receive(_ text: String, on channel: EmbeddedChannel) throws {
        try channel.writeInbound(ByteBuffer(string: text))
    }

    @Test func closesASilentConnection() async throws {
        let channel = try Self.channel(await handler())
        channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func keepsAConnectionWithRequests() async throws {
        let channel = try Self.channel(await handler())
        for _ in 0..<4 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(40))
            try Self.receive("GET /api/user HTTP/1.1\r\nHost: a\r\n\r\n", on: channel)
        }
        #expect(channel.isActive)
        #expect(try channel.readOutbound(as: ByteBuffer.self) != nil)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test func closesAConnectionWhoseHeadArrivesAByteAtATime() async throws {
        let channel = try Self.channel(await handler())
        for byte in "GE" {
            channel.embeddedEventLoop.advanceTime(by: .seconds(40))
            if channel.isActive { try Self.receive(String(byte), on: channel) }
        }
        #expect(!channel.isActive)
    }
}
