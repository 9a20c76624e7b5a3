import CPostgres
import Glibc
import RosterModel
import RosterStore

extension ServerConnection {
    /// How long a server may stay silent if the monitor gets no answer either.
    private static let lostPatience = Duration.seconds(1)
    /// How often a wait checks the server's health, in milliseconds.
    private static let slice: Int32 = 200

    /// The newest revision of which the server has notified this connection since the last call.
    func newestNotified() -> Int64? {
        var newest: Int64?
        while let notification = PQnotifies(handle) {
            let revision = notification.pointee.extra.flatMap { Int64(String(cString: $0)) } ?? .max
            newest = max(newest ?? revision, revision)
            PQfreemem(notification)
        }
        return newest
    }

    /// Waits until the server sends something, for at most `milliseconds`.
    /// - Throws: `lost`.
    func listen(milliseconds: Int32) throws(ServerError) {
        guard wait(for: Int16(POLLIN), milliseconds: milliseconds) else { return }
        guard PQconsumeInput(handle) == 1 else { throw lost() }
    }

    /// Sends and receives while `isWaiting` returns true.
    func waitWhile(_ silence: Duration?, _ isWaiting: () -> Bool) throws(ServerError) {
        let silence = silence ?? patience
        var heard = ContinuousClock.now
        while isWaiting() {
            let unsent = PQflush(handle)
            guard unsent >= 0 else { throw lost() }
            let events = Int16(POLLIN) | (unsent == 1 ? Int16(POLLOUT) : 0)
            if wait(for: events, milliseconds: Self.slice) {
                guard PQconsumeInput(handle) == 1 else { throw lost() }
                heard = .now
                continue
            }
            let quiet = heard.duration(to: .now)
            if let cause = health?.cause, quiet > Self.lostPatience {
                throw cutOff(cause)
            }
            if quiet > silence { throw cutOff("the server has said nothing for \(silence)") }
        }
    }

    /// Whether the socket becomes ready for one of `events` in time.
    private func wait(for events: Int16, milliseconds: Int32) -> Bool {
        var descriptor = pollfd(fd: PQsocket(handle), events: events, revents: 0)
        return poll(&descriptor, 1, milliseconds) > 0
    }

    /// Shuts the connection down, so that it cannot be used again.
    private func cutOff(_ cause: String) -> ServerError {
        shutdown(PQsocket(handle), Int32(SHUT_RDWR))
        PQconsumeInput(handle)
        return .lost(cause: cause)
    }
}
