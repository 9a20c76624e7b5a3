package import NIOCore
package import NIOSSL
import NIOTLS

extension ChannelPipeline.SynchronousOperations {
    /// Encrypts the connection with TLS, as its server. A client that does not complete the handshake within
    /// `TLSHandshakeDeadline.time` is disconnected.
    /// - Parameter isFirst: whether the connection has handlers already, which then see the decrypted bytes.
    /// - Throws: an error of NIO if the pipeline has closed.
    package func addTLS(_ context: NIOSSLContext, isFirst: Bool = false) throws {
        let deadline = TLSHandshakeDeadline()
        if isFirst {
            try addHandler(deadline, position: .first)
            try addHandler(NIOSSLServerHandler(context: context), position: .first)
        } else {
            try addHandler(NIOSSLServerHandler(context: context))
            try addHandler(deadline)
        }
    }
}

/// Closes a connection whose TLS handshake takes too long. It stands behind the TLS handler.
final class TLSHandshakeDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    /// How long a handshake may take. A slow network needs a second; an idle client would hold the connection.
    static let time = TimeAmount.seconds(10)

    private var deadline: Scheduled<Void>?

    func handlerAdded(context: ChannelHandlerContext) {
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.time) { context.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // First the event: a handler that has left the pipeline passes nothing on.
        context.fireUserInboundEventTriggered(event)
        if case .handshakeCompleted? = event as? TLSUserEvent {
            deadline?.cancel()
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        }
    }
}
