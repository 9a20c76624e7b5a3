import NIOCore
import RosterDirectory
import RosterModel

/// Tells when nothing has come for too long. It belongs to one connection, on whose event loop all of it happens; the time is
/// the loop's.
final class IdleWatch {
    private let limit: TimeAmount
    private var last = NIODeadline.uptimeNanoseconds(0)
    private var timer: Scheduled<Void>?

    init(limit: TimeAmount) {
        self.limit = limit
    }

    /// Calls `whenIdle` each time that so long nothing has come, until `stop`.
    func start(on loop: any EventLoop, whenIdle: @escaping () -> Void) {
        guard timer == nil else { return }
        last = loop.now
        look(after: limit, loop, whenIdle)
    }

    /// Something has come.
    func note(_ loop: any EventLoop) {
        last = loop.now
    }

    func stop() {
        timer?.cancel()
        timer = nil
    }

    /// One timer runs at a time and is not set anew by each request: what came meanwhile is seen when it ends.
    private func look(after delay: TimeAmount, _ loop: any EventLoop, _ whenIdle: @escaping () -> Void) {
        timer = loop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            guard let self else { return }
            let rest = self.last + self.limit - loop.now
            if rest <= .zero {
                self.last = loop.now
                self.look(after: self.limit, loop, whenIdle)
                whenIdle()
            } else {
                self.look(after: rest, loop, whenIdle)
            }
        }
    }
}
