package import RosterModel

/// A known secret in a store, which reveals whether a seal key is the one that sealed the store. Stores hold it in
/// `meta` under `name`.
package enum SealCanary {
    package static let name = "seal_canary"
    private static let secret = Array("roster".utf8)
    private static let owner = "canary"

    /// Creates the canary of a store that was never sealed.
    /// - Throws: `internalError` if the cipher fails.
    package static func sealed(by sealing: some SecretSealing) throws(RosterError) -> SealedSecret {
        try sealing.seal(secret, of: owner)
    }

    /// Whether `sealing` has the key that `sealed` was made with.
    package static func isSealed(_ sealed: SealedSecret, by sealing: some SecretSealing) -> Bool {
        (try? sealing.open(sealed, of: owner)) == secret
    }
}
