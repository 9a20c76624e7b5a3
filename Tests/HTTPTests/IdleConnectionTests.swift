import Logging
import NIOCore
import NIOEmbedded
import RosterCredentials
import RosterDirectory
import RosterModel
import RosterServing
import RosterStore
import RosterTesting
import Testing

@testable import RosterHTTP

/// When an idle connection is closed, by a clock that the test moves.
@Suite(.timeLimit(.minutes(5))) struct IdleConnectionTests {
    private static let limit = TimeAmount.seconds(60)
    private static let seal = SealKey(bytes: Array(repeating: 7, count: 32))

    private func handler() async throws -> APIHandler {
        let directory = Directory(
            store: MemoryStore(chaining: PlaintextSealing()),
            sealing: Self.seal, verifying: HMACSignatures(),
            clock: { Fixtures.time }, report: { _ in })
        try await directory.start()
        let router = APIRouter(
            directory: directory, hashing: CryptHasher(), setName: .both)
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

    @Test func givesAHeadThirtySeconds() async throws {
        let channel = try Self.channel(await handler())
        try Self.receive("GE", on: channel)
        channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        try Self.receive("T", on: channel)
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        let response = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: response).hasPrefix("HTTP/1.1 408 "))
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    /// Each part of a body keeps the connection from being idle, but not for ever.
    @Test func closesAConnectionWhoseBodyArrivesAByteAtATime() async throws {
        let handler = try await handler()
        let id = AccessKeyID(stored: "AAAAAAAAAAAAAAAAAAAA")
        let key = AccessKey(
            id: id, principal: .reader(nil), secret: try Self.seal.seal(Array("secret".utf8), of: id.text),
            createTime: Fixtures.time)
        var change = Change(time: Fixtures.time)
        change.keys = [key]
        try await handler.directory.commit(change)
        let channel = try Self.channel(handler)
        let query =
            "access_key_id=\(id.text)&signature=x&signature_method=HmacSHA256&signature_version=1"
            + "&timestamp=\(Fixtures.time.iso8601)&version=1"
        try Self.receive(
            "POST /api/user/addUser?\(query) HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", on: channel)
        for _ in 0..<2 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(14))
            try Self.receive("x", on: channel)
        }
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(3))
        let response = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: response).hasPrefix("HTTP/1.1 408 "))
        _ = try channel.finish(acceptAlreadyClosed: true)
    }
}
