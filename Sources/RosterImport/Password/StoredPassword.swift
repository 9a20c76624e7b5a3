import RosterModel

/// Reads a password as a directory or passwd(5) stores it.
package enum StoredPassword {
    /// A value of `userPassword` (RFC 2307 section 5.3): `{SCHEME}` and what belongs to it, or clear text. Nil where
    /// there is no password: an empty value, or what locks an account (`{CRYPT}!…`, `{CRYPT}*`).
    package static func ofDirectory(_ value: ArraySlice<UInt8>) -> ImportedPassword? {
        guard !value.isEmpty else { return nil }
        guard let (scheme, rest) = split(value) else { return clear(value) }
        switch scheme {
        case "CRYPT":
            // A lock before the hash is told by `isLocked`; the hash is kept for the day on which the lock goes.
            return ofShadow(rest)
        case "CLEARTEXT":
            return rest.isEmpty ? nil : clear(rest)
        case _ where PasswordDigest.isScheme(scheme):
            let stored = "{\(scheme)}" + String(decoding: rest, as: UTF8.self)
            guard let digest = PasswordDigest(stored) else { return .unsupported(scheme: "{\(scheme)}, malformed") }
            return digest.isExcessive ? .excessive(scheme: "{\(scheme)}") : .hash(PasswordHash(stored: stored))
        default:
            // "{secret}" may be a clear-text password, and schemes are shown: so only names that are known are.
            return .unsupported(scheme: shownSchemes.contains(scheme) ? "{\(scheme)}" : "an unknown scheme")
        }
    }

    /// Whether a value of `userPassword` has the mark of a lock before its hash, as usermod(8) and pam_unix write it.
    package static func isLocked(_ value: ArraySlice<UInt8>) -> Bool {
        guard let (scheme, rest) = split(value), scheme == "CRYPT" else { return false }
        return isLocked(shadow: rest)
    }

    /// The second field of shadow(5), or what follows `{CRYPT}`: a hash that may stand behind the mark of a lock.
    static func ofShadow(_ value: ArraySlice<UInt8>) -> ImportedPassword? {
        ofPasswd(value.drop { $0 == lockMark })
    }

    /// Whether a hash has the mark of a lock before it. The mark alone means that no password fits.
    static func isLocked(shadow value: ArraySlice<UInt8>) -> Bool {
        value.first == lockMark && value.contains { $0 != lockMark && $0 != UInt8(ascii: "*") }
    }

    private static let lockMark = UInt8(ascii: "!")

    /// The second field of passwd(5), or what follows `{CRYPT}`: a hash of crypt(3). Nil where there is no password: an
    /// empty field, `x` (it is in shadow(5)), and anything that starts with `!` or `*` (no password fits).
    package static func ofPasswd(_ value: ArraySlice<UInt8>) -> ImportedPassword? {
        switch value.first {
        case nil, UInt8(ascii: "!"), UInt8(ascii: "*"): nil
        case UInt8(ascii: "x") where value.count == 1: nil
        default: CryptHash.classify(value)
        }
    }

    /// The scheme in capitals, and what follows it; nil where the value does not start with one.
    private static func split(_ value: ArraySlice<UInt8>) -> (scheme: String, rest: ArraySlice<UInt8>)? {
        guard value.first == UInt8(ascii: "{"), let end = value.firstIndex(of: UInt8(ascii: "}")) else { return nil }
        let name = value[(value.startIndex + 1)..<end]
        let marks = "-_.".utf8
        guard !name.isEmpty, name.allSatisfy({ $0.isASCIILetterOrDigit || marks.contains($0) }) else { return nil }
        return (String(decoding: name, as: UTF8.self).uppercased(), value[(end + 1)...])
    }

    /// Clear text. crypt(3) takes a string that ends at the first NUL, and Roster's servers only speak UTF-8, so a
    /// password beyond that could never be given again; the user comes without one rather than not at all.
    private static func clear(_ value: ArraySlice<UInt8>) -> ImportedPassword {
        guard !value.contains(0), let text = value.text else {
            return .unsupported(scheme: "clear text that is not UTF-8")
        }
        return .clear(text)
    }

    /// Schemes that directories are known to hold, apart from the ones that Roster verifies.
    private static let shownSchemes: Set<String> = [
        "SHA1", "SHA-256", "SHA-512", "ARGON2", "ARGON2I", "ARGON2ID",
        "BCRYPT", "BLF-CRYPT", "SHA256-CRYPT", "SHA512-CRYPT", "MD5-CRYPT", "SASL", "KERBEROS", "LANMAN", "LM", "NT",
        "NTLM", "MSNT", "NS-MTA-MD5", "RADIUS", "UNIX", "PLAIN", "CLEAR", "TOTP1", "TOTP256", "TOTP512", "APR1",
    ]
}
