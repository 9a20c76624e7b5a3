import Crypto
import RosterModel

extension PasswordDigest {
    /// The value that `digest` has if `password` is the right one.
    func digest(of password: String) -> [UInt8] {
        switch function {
        case .md5: digest(of: password, by: Insecure.MD5.self)
        case .sha1: digest(of: password, by: Insecure.SHA1.self)
        case .sha256: digest(of: password, by: SHA256.self)
        case .sha384: digest(of: password, by: SHA384.self)
        case .sha512: digest(of: password, by: SHA512.self)
        }
    }

    private func digest<Hash: HashFunction>(of password: String, by hash: Hash.Type) -> [UInt8] {
        guard let iterations else { return Array(Hash.hash(data: Array(password.utf8) + salt)) }
        // The first block of RFC 8018 section 5.2.
        let unkeyed = HMAC<Hash>(key: SymmetricKey(data: Array(password.utf8)))
        func apply(_ data: [UInt8]) -> [UInt8] {
            var function = unkeyed
            function.update(data: data)
            return Array(function.finalize())
        }
        var last = apply(salt + [0, 0, 0, 1])
        var key = last
        for _ in 1..<iterations {
            last = apply(last)
            for index in key.indices { key[index] ^= last[index] }
        }
        return key
    }
}
