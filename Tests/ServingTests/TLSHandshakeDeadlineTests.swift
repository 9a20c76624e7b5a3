import NIOCore
import NIOEmbedded
import NIOTLS
import Testing

@testable import RosterServing

@Suite struct TLSHandshakeDeadlineTests {
    @Test func aConnectionWithoutAHandshakeIsClosed() throws {
        let channel = EmbeddedChannel(handler: TLSHandshakeDeadline())
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/unused")).wait()
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func aHandshakeEndsTheDeadline() throws {
        let seen = EventRecorder()
        let channel = EmbeddedChannel(handlers: [TLSHandshakeDeadline(), seen])
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/unused")).wait()
        channel.pipeline.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil))
        #expect(seen.hasHandshake, "the handlers behind it are told too")
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive)
        #expect(throws: (any Error).self) {
            try channel.pipeline.syncOperations.handler(type: TLSHandshakeDeadline.self)
        }
        _ = try channel.finish()
    }

    private final class EventRecorder: ChannelInboundHandler {
        typealias InboundIn = NIOAny
        var hasHandshake = false

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .handshakeCompleted? = event as? TLSUserEvent { hasHandshake = true }
        }
    }
}
