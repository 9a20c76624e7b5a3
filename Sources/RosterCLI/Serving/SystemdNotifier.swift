import Glibc
import Logging
import RosterDirectory
import RosterHTTP
import RosterSnapshot
import ServiceLifecycle

/// Tells systemd how the server is (sd_notify(3)): ready once it answers, alive, and stopping. Does nothing unless
/// systemd asks for it, with `NOTIFY_SOCKET` in the environment.
struct SystemdNotifier: Service {
    /// Datagrams of lines `NAME=value` go to this socket. A path that begins with `@` is an abstract one.
    let socket: String
    let directory: Directory
    let server: HTTPServer
    let progress: StartProgress
    /// How often systemd wants to hear that the server is alive; nil never.
    let watchdog: Duration?

    /// Nil where nobody listens.
    init?(environment: [String: String], directory: Directory, server: HTTPServer, progress: StartProgress) {
        guard let socket = environment["NOTIFY_SOCKET"], socket.utf8.count > 1 else { return nil }
        self.socket = socket
        self.directory = directory
        self.server = server
        self.progress = progress
        // Half of the time that it gives, as sd_watchdog_enabled(3) recommends.
        watchdog = environment["WATCHDOG_USEC"].flatMap { Int64($0) }.map { .microseconds(max(1000, $0 / 2)) }
    }

    /// How often the state is looked at until the server is ready, and afterwards.
    private static let startInterval = Duration.milliseconds(200)
    private static let statusInterval = Duration.seconds(10)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled, !server.isReady {
                // A database is waited for, and a large directory takes its time to load: each message gives another ten
                // seconds.
                send("STATUS=\(directory.isReady ? "opening ports" : progress.message)\nEXTEND_TIMEOUT_USEC=10000000")
                try? await Task.sleep(for: Self.startInterval)
            }
            guard !Task.isCancelled else { return }
            send("READY=1\n\(status)")
            let interval = min(watchdog ?? Self.statusInterval, Self.statusInterval)
            while !Task.isCancelled {
                try? await Task.sleep(for: interval)
                guard !Task.isCancelled else { return }
                send(watchdog == nil ? status : "WATCHDOG=1\n\(status)")
            }
        }
        send("STOPPING=1\nSTATUS=stopping")
    }

    private var status: String {
        let snapshot = directory.snapshot
        let state = directory.unreachableSince.map { ", read-only: the store is away since \($0)" } ?? ""
        return "STATUS=\(snapshot.userCount) users at revision \(snapshot.revision)\(state)"
    }

    /// Sends one datagram; a failure has no effect.
    private func send(_ message: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(socket.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: path)
            // An abstract address begins with a zero.
            if path[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        }
        let file = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return }
        defer { close(file) }
        let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + path.count } ?? 0
        let bytes = Array(message.utf8)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                sendto(file, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, socklen_t(length))
            }
        }
    }
}
