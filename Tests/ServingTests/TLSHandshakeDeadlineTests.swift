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
        let channel = EmbeddedChannel(handler: TLSHandshakeDeadline())
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/unused")).wait()
        channel.pipeline.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil))
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive)
        #expect(throws: (any Error).self) {
            try channel.pipeline.syncOperations.handler(type: TLSHandshakeDeadline.self)
        }
        _ = try channel.finish()
    }
}
