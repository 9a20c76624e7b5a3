import Dispatch
import RosterModel
import RosterStore

/// A thread for blocking calls, and the connection that they share. The connection is made on first use, and again when
/// it is lost. Nothing blocks an event loop or Swift's thread pool.
final class ConnectionQueue: @unchecked Sendable {
    // Unchecked: `connection` is used only on `queue`, which is serial.

    private let queue: DispatchQueue
    private let address: ServerAddress
    private let purpose: ServerConnection.Purpose
    private let health: ServerHealth
    private var connection: ServerConnection?

    init(_ name: String, _ address: ServerAddress, _ purpose: ServerConnection.Purpose, health: ServerHealth) {
        queue = DispatchQueue(label: "roster.postgres.\(name)")
        self.address = address
        self.purpose = purpose
        self.health = health
    }

    /// Runs `body` with the connection on the thread, after earlier calls.
    /// - Throws: what `body` throws, as a `StoreError`.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (ServerConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.attempt(body)) }
        }
        return try result.get()
    }

    /// Runs `body` on the thread without waiting for it.
    func start(_ body: @escaping @Sendable (ConnectionQueue) -> Void) {
        queue.async { body(self) }
    }

    /// The connection; call it on the thread only.
    /// - Throws: `lost`, at once if the server is known to be away.
    func connected() throws(ServerError) -> ServerConnection {
        if let connection, connection.isOpen { return connection }
        connection = nil
        if let cause = health.cause { throw .lost(cause: cause) }
        let made = try ServerConnection(address, purpose, to: health.host, health: health)
        connection = made
        return made
    }

    private func attempt<Value>(_ body: (ServerConnection) throws -> Value) -> Result<Value, StoreError> {
        do {
            let kept = connection != nil
            let connection = try connected()
            do {
                return .success(try body(connection))
            } catch ServerError.lost where kept && health.cause == nil {
                // A reused connection may have died long ago: only a new one shows whether the server is there.
                self.connection = nil
                return .success(try body(try connected()))
            }
        } catch {
            return .failure(StoreError(translating: error))
        }
    }
}
