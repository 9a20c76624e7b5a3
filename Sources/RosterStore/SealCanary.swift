package import RosterModel

/// A known secret in a store, which shows whether a seal key is the one that the store was sealed with. Stores keep it in `meta`
/// under `name`.
package enum SealCanary {
    package static let name = "seal_canary"
    private static let secret = Array("roster".utf8)
    private static let owner = "canary"

    /// The secret for a store that was never sealed.
    /// - Throws: `internalError` where the cipher fails.
    package static func sealed(by sealing: some SecretSealing) throws(RosterError) -> SealedSecret {
        try sealing.seal(secret, of: owner)
    }

    /// Whether `sealing` has the key that `sealed` was made with.
    package static func isSealed(_ sealed: SealedSecret, by sealing: some SecretSealing) -> Bool {
        (try? sealing.open(sealed, of: owner)) == secret
    }
}
