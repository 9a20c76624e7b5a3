// What RosterCredentials implements, declared here so that servers and stores need not import it.

/// Seals secrets for the store and opens them for use.
package protocol SecretSealing: Sendable {
    /// Seals `secret` so that it opens only as the secret of `owner`.
    /// - Throws: `internalError` where the cipher fails.
    func seal(_ secret: [UInt8], of owner: String) throws(RosterError) -> SealedSecret

    /// - Throws: `internalError` where the seal key is another one, or `sealed` was changed or belongs to another owner.
    func open(_ sealed: SealedSecret, of owner: String) throws(RosterError) -> [UInt8]
}

/// Chains the events of the operation log, so that a changed or missing one shows.
package protocol EventChaining: Sendable {
    /// The code of `event` after an event whose code was `previous` (empty for the first): 32 bytes.
    func code(after previous: [UInt8], of event: [UInt8]) -> [UInt8]
}

/// Makes, from an access key's secret, what verifies the signatures made with it.
package protocol SignatureVerifying: Sendable {
    /// Called once a key and process, so that the cost of preparing the key is not paid per request.
    func prepare(secret: [UInt8]) -> any SignatureVerifier
    /// What tells a signed request from every other, 32 bytes; nil where its signature has not the form of one.
    func digest(of request: SignedRequest) -> [UInt8]?
    /// Judges as slowly as any other and accepts nothing: for requests whose key is unknown.
    var dummyVerifier: any SignatureVerifier { get }
}

/// Judges signatures made with one access key.
package protocol SignatureVerifier: Sendable {
    /// Whether `request` carries a signature that one of the accepted ways of signing gives (reference page, section 2).
    /// Takes the same time for every signature that is refused.
    func accepts(_ request: SignedRequest) -> Bool
}

/// Hashes and verifies passwords, off the event loops, a bounded number at a time.
package protocol PasswordHashing: Sendable {
    /// - Throws: `busy` where too many are waiting; `invalidParameter` for a password over 256 bytes or with a NUL.
    func hash(_ password: String) async throws(RosterError) -> PasswordHash

    /// - Throws: `busy` where too many are waiting.
    func verify(_ password: String, against hash: PasswordHash) async throws(RosterError) -> Bool
}
