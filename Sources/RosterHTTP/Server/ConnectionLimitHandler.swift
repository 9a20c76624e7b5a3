import NIOCore

/// Stops accepting connections at the limit: further ones wait in the listen queue. Each address may have only a share
/// of the connections; one above that is closed at once, so that one client cannot take them all.
final class ConnectionLimitHandler: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let maximum: Int
    private let maximumPerAddress: Int
    /// Whether an address stands for many clients.
    private let isShared: (String) -> Bool
    private var open = 0
    private var openByAddress: [String: Int] = [:]
    /// Whether the limit deferred a read.
    private var isReadDue = false

    /// - Parameter isShared: whether an address stands for many clients, like a proxy's; it may have all connections.
    init(maximum: Int, maximumPerAddress: Int, isShared: @escaping (String) -> Bool) {
        self.maximum = maximum
        self.maximumPerAddress = maximumPerAddress
        self.isShared = isShared
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = unwrapInboundIn(data)
        let address = channel.remoteAddress?.ipAddress.flatMap { isShared($0) ? nil : $0 }
        if let address, openByAddress[address, default: 0] >= maximumPerAddress {
            channel.close(promise: nil)
            return
        }
        open += 1
        if let address { openByAddress[address, default: 0] += 1 }
        let limit = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        channel.closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            let (limit, context) = limit.value
            limit.closed(address)
            guard limit.isReadDue, limit.open < limit.maximum else { return }
            limit.isReadDue = false
            context.read()
        }
        context.fireChannelRead(data)
    }

    private func closed(_ address: String?) {
        open -= 1
        guard let address, let count = openByAddress[address] else { return }
        openByAddress[address] = count > 1 ? count - 1 : nil
    }

    func read(context: ChannelHandlerContext) {
        guard open < maximum else {
            isReadDue = true
            return
        }
        context.read()
    }
}
