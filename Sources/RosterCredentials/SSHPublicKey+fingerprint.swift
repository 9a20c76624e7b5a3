import Crypto
package import RosterModel

extension SSHPublicKey {
    /// The fingerprint as ssh-keygen(1) shows it: `SHA256:` and the digest of the key in unpadded Base64.
    package var fingerprint: String {
        let digest = Base64.encode(Array(SHA256.hash(data: blob)))
        return "SHA256:" + String(decoding: digest, as: UTF8.self).filter { $0 != "=" }
    }
}
