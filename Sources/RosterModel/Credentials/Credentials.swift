// What RosterCredentials implements, declared here so that servers and stores need not import it.

/// Seals secrets for the store and opens them for use.
package protocol SecretSealing: Sendable {
    /// Seals `secret` so that it opens only as the secret of `owner`.
    /// - Throws: `internalError` if the cipher fails.
    func seal(_ secret: [UInt8], of owner: String) throws(RosterError) -> SealedSecret

    /// Opens a secret that was sealed for `owner`.
    /// - Throws: `internalError` if the seal key is a different one, or if `sealed` was changed or belongs to another
    ///   owner.
    func open(_ sealed: SealedSecret, of owner: String) throws(RosterError) -> [UInt8]
}

/// Chains the events of the operation log, so that a changed or missing event is detected.
package protocol EventChaining: Sendable {
    /// The 32-byte code of `event`, given the code of the event before it (empty for the first event).
    func code(after previous: [UInt8], of event: [UInt8]) -> [UInt8]
}

/// Prepares the secret of an access key for verifying the signatures made with it.
package protocol SignatureVerifying: Sendable {
    /// Called once per key and process, so that requests do not pay for preparing the key.
    func prepare(secret: [UInt8]) -> any SignatureVerifier
    /// A 32-byte digest that identifies the request, or nil if its signature is malformed.
    func digest(of request: SignedRequest) -> [UInt8]?
    /// A verifier that takes as long as any other and accepts nothing, for requests whose key is unknown.
    var dummyVerifier: any SignatureVerifier { get }
}

/// Verifies signatures made with one access key.
package protocol SignatureVerifier: Sendable {
    /// Whether the signature of `request` is valid by one of the accepted ways of signing (reference page, section 2).
    /// Takes the same time for every rejected signature.
    func accepts(_ request: SignedRequest) -> Bool
}

/// Hashes and verifies passwords, off the event loops, a bounded number at a time.
package protocol PasswordHashing: Sendable {
    /// Hashes a new password.
    /// - Throws: `busy` if too many calls are waiting; `invalidParameter` for a password over 256 bytes or with a NUL.
    func hash(_ password: String, for client: QueueClient) async throws(RosterError) -> PasswordHash

    /// Whether `password` is the one that `hash` was made from.
    /// - Throws: `busy` if too many calls are waiting.
    func verify(
        _ password: String, against hash: PasswordHash, for client: QueueClient
    ) async throws(RosterError) -> Bool

    /// Whether the hash is in a form that `verify` knows. For any other hash, every password is wrong.
    func canVerify(_ hash: PasswordHash) -> Bool
}

extension PasswordHashing {
    package func canVerify(_ hash: PasswordHash) -> Bool { true }

    /// Hashes a new password for the process itself.
    /// - Throws: as `hash(_:for:)`.
    package func hash(_ password: String) async throws(RosterError) -> PasswordHash {
        try await hash(password, for: .process)
    }

    /// Whether `password` is the one that `hash` was made from; for the process itself.
    /// - Throws: as `verify(_:against:for:)`.
    package func verify(_ password: String, against hash: PasswordHash) async throws(RosterError) -> Bool {
        try await verify(password, against: hash, for: .process)
    }
}

/// Who causes work that waits for a thread, such as hashing a password. Clients take turns, so that none can make the
/// others wait long.
package struct QueueClient: Sendable, Hashable {
    /// The network address, or the access key or user, that turns are counted for.
    package let name: String
    /// Whether the client has failed so often that others come first.
    package let isSuspect: Bool

    /// Creates a client from its name.
    package init(_ name: String, isSuspect: Bool = false) {
        self.name = name
        self.isSuspect = isSuspect
    }

    /// The process itself: an import, or the start of a server.
    package static let process = QueueClient("")
}
