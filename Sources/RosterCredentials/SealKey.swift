import Crypto
import FoundationEssentials
package import RosterModel

/// The key that encrypts secrets at rest and chains the operation log. It is stored in a file next to the store, never
/// in it.
package struct SealKey: Sendable, Equatable {
    /// Increases when a site changes its key; a sealed secret has the version that it needs.
    package let version: Int
    private let sealing: SymmetricKey
    private let chaining: SymmetricKey

    /// Creates a key.
    /// - Parameter bytes: 32 bytes from a cryptographic random source.
    package init(version: Int = 1, bytes: [UInt8]) {
        self.version = version
        let master = SymmetricKey(data: bytes)
        // Two derived keys, so that neither use can help an attack on the other.
        sealing = Self.derive(from: master, for: "roster sealed secrets")
        chaining = Self.derive(from: master, for: "roster operation log")
    }

    /// The derived key of the operation log's chain, 32 bytes, for a verifier elsewhere. It opens no sealed secret.
    package var chainKey: [UInt8] { chaining.withUnsafeBytes { Array($0) } }

    private static func derive(from master: SymmetricKey, for purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: master, salt: [UInt8](), info: Array(purpose.utf8), outputByteCount: 32)
    }
}

extension SealKey: SecretSealing {
    package func seal(_ secret: [UInt8], of owner: String) throws(RosterError) -> SealedSecret {
        do {
            let box = try AES.GCM.seal(secret, using: sealing, authenticating: Array(owner.utf8))
            guard let combined = box.combined else { throw CryptoKitError.incorrectParameterSize }
            return SealedSecret(keyVersion: version, bytes: Array(combined))
        } catch {
            throw RosterError(.internalError, "a secret cannot be sealed")
        }
    }

    package func open(_ sealed: SealedSecret, of owner: String) throws(RosterError) -> [UInt8] {
        guard sealed.keyVersion == version else {
            throw RosterError(
                .internalError, "sealed under version \(sealed.keyVersion) of the seal key, this is version \(version)")
        }
        do {
            let box = try AES.GCM.SealedBox(combined: sealed.bytes)
            return Array(try AES.GCM.open(box, using: sealing, authenticating: Array(owner.utf8)))
        } catch {
            throw RosterError(.internalError, "the seal key is not the one that this was sealed under")
        }
    }
}

extension SealKey: EventChaining {
    package func code(after previous: [UInt8], of event: [UInt8]) -> [UInt8] {
        var code = HMAC<SHA256>(key: chaining)
        code.update(data: previous)
        code.update(data: event)
        return Array(code.finalize())
    }
}

extension SealKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "seal key, version \(version)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
