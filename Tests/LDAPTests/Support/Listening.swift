import Logging
import NIOCore
import NIOPosix
import RosterDirectory
import RosterLDAP
import RosterModel
import RosterStore
import RosterTesting

extension LDAPFixture {
    /// Runs the server on a free port of loopback while `body` is at work.
    func listening<Value: Sendable>(
        change: (inout LDAPServerConfiguration) -> Void = { _ in }, _ body: (SocketAddress) async throws -> Value
    ) async throws -> Value {
        var settings = settings
        settings.listeners = [.init(host: "127.0.0.1", port: 0, isEncrypted: false)]
        change(&settings)
        let (addresses, told) = AsyncStream.makeStream(of: SocketAddress.self)
        let server = LDAPServer(
            directory: directory, hashing: PlaintextHashing(), settings: settings,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            onListening: { _, address in if let address { told.yield(address) } })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { told.finish() }
                try await server.run()
            }
            for await address in addresses {
                let value = try await body(address)
                group.cancelAll()
                try await group.waitForAll()
                return value
            }
            try await group.waitForAll()
            throw ChannelError.alreadyClosed
        }
    }
}

/// A client of a listening server.
struct Socket: Sendable {
    private let channel: any Channel
    private let received: AsyncStream<ByteBuffer>

    init(_ address: SocketAddress) async throws {
        let (received, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        self.received = received
        channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation: continuation))
                }
            }
            .connect(to: address).get()
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let continuation: AsyncStream<ByteBuffer>.Continuation

        init(continuation: AsyncStream<ByteBuffer>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(unwrapInboundIn(data)) }
        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    /// Whether the server answers; false where it has closed the connection.
    func whoAmI() async throws -> Bool {
        let message = RequestMessage.extended(ExtendedRequest.whoAmI).message(id: 1)
        // Where the server has closed already, this fails, and so does the wait.
        channel.writeAndFlush(ByteBuffer(bytes: message), promise: nil)
        for await buffer in received {
            return try ResponseMessage(Array(buffer.readableBytesView)[...]).tag == 24
        }
        return false
    }

    /// Waits for the end, and tells whether the last that came before it was `code`; nil asks for nothing before it.
    func isClosedByTheServer(saying code: ResultCode? = nil) async throws -> Bool {
        var last: ResultCode?
        for await buffer in received { last = try ResponseMessage(Array(buffer.readableBytesView)[...]).code }
        return last == code
    }

    func close() async throws {
        try await channel.close()
    }
}
