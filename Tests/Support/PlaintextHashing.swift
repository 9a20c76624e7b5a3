package import RosterModel

/// Passwords as they are: for tests that are not about hashes.
package struct PlaintextHashing: PasswordHashing {
    package init() {}

    package func hash(_ password: String, for client: QueueClient) async throws(RosterError) -> PasswordHash {
        PasswordHash(stored: password)
    }

    package func verify(
        _ password: String, against hash: PasswordHash, for client: QueueClient
    ) async throws(RosterError) -> Bool {
        hash.text == password
    }
}
