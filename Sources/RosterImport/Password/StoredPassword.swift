import RosterModel

/// Parses a password as a directory, passwd(5) or shadow(5) stores it.
package enum StoredPassword {
    /// Parses a value of `userPassword` (RFC 2307 section 5.3): `{SCHEME}` and its value, or clear text. Nil if there
    /// is no password: an empty value, or one that no password matches (`{CRYPT}!`, `{CRYPT}*`).
    package static func ofDirectory(_ value: ArraySlice<UInt8>) -> ImportedPassword? {
        guard !value.isEmpty else { return nil }
        guard let (scheme, rest) = split(value) else { return clear(value) }
        switch scheme {
        case "CRYPT":
            // `isLocked` detects a lock before the hash; the hash is stored for the time when the lock is removed.
            return ofShadow(rest)
        case "CLEARTEXT":
            return rest.isEmpty ? nil : clear(rest)
        case _ where PasswordDigest.isScheme(scheme):
            let stored = "{\(scheme)}" + String(decoding: rest, as: UTF8.self)
            guard let digest = PasswordDigest(stored) else { return .unsupported(scheme: "{\(scheme)}, malformed") }
            return digest.isExcessive ? .excessive(scheme: "{\(scheme)}") : .hash(PasswordHash(stored: stored))
        default:
            // "{secret}" may be a clear-text password, and schemes are shown, so only known names are.
            return .unsupported(scheme: shownSchemes.contains(scheme) ? "{\(scheme)}" : "an unknown scheme")
        }
    }

    /// Whether a value of `userPassword` has a lock mark before its hash, as usermod(8) and pam_unix write it.
    package static func isLocked(_ value: ArraySlice<UInt8>) -> Bool {
        guard let (scheme, rest) = split(value), scheme == "CRYPT" else { return false }
        return isLocked(shadow: rest)
    }

    /// Parses the second field of shadow(5), or the text after `{CRYPT}`: a hash, perhaps after a lock mark.
    static func ofShadow(_ value: ArraySlice<UInt8>) -> ImportedPassword? {
        ofPasswd(value.drop { $0 == lockMark })
    }

    /// Whether a hash has a lock mark before it. The mark alone means that no password matches.
    static func isLocked(shadow value: ArraySlice<UInt8>) -> Bool {
        value.first == lockMark && value.contains { $0 != lockMark && $0 != UInt8(ascii: "*") }
    }

    private static let lockMark = UInt8(ascii: "!")

    /// Parses the second field of passwd(5): a hash of crypt(3). Nil if there is no password: an empty field, `x` (it
    /// is in shadow(5)), or anything that starts with `!` or `*` (no password matches).
    package static func ofPasswd(_ value: ArraySlice<UInt8>) -> ImportedPassword? {
        switch value.first {
        case nil, UInt8(ascii: "!"), UInt8(ascii: "*"): nil
        case UInt8(ascii: "x") where value.count == 1: nil
        default: CryptHash.classify(value)
        }
    }

    /// The scheme in capitals and the text after it; nil if the value does not start with a scheme.
    private static func split(_ value: ArraySlice<UInt8>) -> (scheme: String, rest: ArraySlice<UInt8>)? {
        guard value.first == UInt8(ascii: "{"), let end = value.firstIndex(of: UInt8(ascii: "}")) else { return nil }
        let name = value[(value.startIndex + 1)..<end]
        let marks = "-_.".utf8
        guard !name.isEmpty, name.allSatisfy({ $0.isASCIILetterOrDigit || marks.contains($0) }) else { return nil }
        return (String(decoding: name, as: UTF8.self).uppercased(), value[(end + 1)...])
    }

    /// Clear text. crypt(3) stops at the first NUL, and Roster's servers accept only UTF-8, so any other password could
    /// never be entered; the user is then imported without a password.
    private static func clear(_ value: ArraySlice<UInt8>) -> ImportedPassword {
        guard !value.contains(0), let text = value.text else {
            return .unsupported(scheme: "clear text that is not UTF-8")
        }
        return .clear(text)
    }

    /// Schemes that directories are known to use, apart from those that Roster verifies.
    private static let shownSchemes: Set<String> = [
        "SHA1", "SHA-256", "SHA-512", "ARGON2", "ARGON2I", "ARGON2ID",
        "BCRYPT", "BLF-CRYPT", "SHA256-CRYPT", "SHA512-CRYPT", "MD5-CRYPT", "SASL", "KERBEROS", "LANMAN", "LM", "NT",
        "NTLM", "MSNT", "NS-MTA-MD5", "RADIUS", "UNIX", "PLAIN", "CLEAR", "TOTP1", "TOTP256", "TOTP512", "APR1",
    ]
}
