import NIOCore
import Synchronization

/// How many connections a listener has at once.
package struct ConnectionLimit: Sendable {
    /// Further ones wait to be accepted.
    package var maximum: Int
    /// How many may be open before the rest is kept for addresses that have none, so that a few addresses cannot keep
    /// everybody else out.
    package var ordinary: Int { maximum - maximum / 8 }
    /// The most of one address, a quarter of all: one client cannot take all. Further ones are closed at once.
    package var maximumPerAddress: Int { max(1, maximum / 4) }
    /// Whether an address stands for many clients, as a proxy's does; it may have all connections.
    package var isShared: @Sendable (String) -> Bool
    /// Counts the open connections of all listeners with this limit.
    package let count: ConnectionCount
    /// Called when the maximum is reached, again only after a connection has closed meanwhile.
    package var onFull: @Sendable () -> Void

    package init(
        maximum: Int, isShared: @escaping @Sendable (String) -> Bool = { _ in false },
        count: ConnectionCount = ConnectionCount(),
        onFull: @escaping @Sendable () -> Void = {}
    ) {
        self.maximum = maximum
        self.isShared = isShared
        self.count = count
        self.onFull = onFull
    }
}

/// How many connections are open.
package final class ConnectionCount: Sendable {
    private let count = Atomic(0)

    /// A count of no connections.
    package init() {}

    package var value: Int { count.load(ordering: .relaxed) }

    func add(_ change: Int) { count.add(change, ordering: .relaxed) }
}

/// Stops accepting connections while as many are open as may be: further ones wait in the listen queue. Of one address
/// only a share of them may be open: a further one is closed at once, so that one client cannot take all. The last
/// eighth is for addresses that have no connection.
final class ConnectionLimitHandler: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let limit: ConnectionLimit
    private var open = 0
    private var openByAddress: [String: Int] = [:]
    /// Whether the limit deferred a read.
    private var isReadDue = false

    /// - Parameter isShared: whether an address stands for many clients, like a proxy's; it may have all connections.
    init(_ limit: ConnectionLimit) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = unwrapInboundIn(data)
        let address = channel.remoteAddress?.ipAddress.flatMap { limit.isShared($0) ? nil : $0 }
        if let address {
            let own = openByAddress[address, default: 0]
            guard own < limit.maximumPerAddress, open < limit.ordinary || own == 0 else {
                channel.close(promise: nil)
                return
            }
        }
        open += 1
        limit.count.add(1)
        if open == limit.maximum { limit.onFull() }
        if let address { openByAddress[address, default: 0] += 1 }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        channel.closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            let (handler, context) = bound.value
            handler.closed(address)
            guard handler.isReadDue, handler.open < handler.limit.maximum else { return }
            handler.isReadDue = false
            context.read()
        }
        context.fireChannelRead(data)
    }

    private func closed(_ address: String?) {
        open -= 1
        limit.count.add(-1)
        guard let address, let count = openByAddress[address] else { return }
        openByAddress[address] = count > 1 ? count - 1 : nil
    }

    func read(context: ChannelHandlerContext) {
        guard open < limit.maximum else {
            isReadDue = true
            return
        }
        context.read()
    }
}
