import NIOCore

/// Stops accepting connections while as many are open as may be. Further ones wait in the listen queue.
final class ConnectionLimitHandler: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let maximum: Int
    private var open = 0
    /// Whether a read is due that the limit forbade.
    private var isReadDue = false

    init(maximum: Int) {
        self.maximum = maximum
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        open += 1
        let limit = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        unwrapInboundIn(data).closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            let (limit, context) = limit.value
            limit.open -= 1
            guard limit.isReadDue, limit.open < limit.maximum else { return }
            limit.isReadDue = false
            context.read()
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        guard open < maximum else {
            isReadDue = true
            return
        }
        context.read()
    }
}
