/// A password stored as a digest, as LDAP directories do it: `{SCHEME}` and a value in the form of that scheme.
///
/// `{MD5}`, `{SHA}`, `{SHA256}`, `{SHA384}` and `{SHA512}` are Base64 of the password's digest. With an S before them,
/// it is the digest of password and salt, followed by the salt. `{PBKDF2}`, `{PBKDF2-SHA1}`, `{PBKDF2-SHA256}` and
/// `{PBKDF2-SHA512}` are `ITERATIONS$SALT$KEY`, as OpenLDAP's PBKDF2 module writes them. `{PBKDF2_SHA256}` is Base64 of
/// iterations, salt and key, as 389-DS writes it.
package struct PasswordDigest: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The hash function.
    package enum Function: Sendable {
        case md5, sha1, sha256, sha384, sha512

        /// The length of a digest, in bytes.
        package var byteCount: Int {
            switch self {
            case .md5: 16
            case .sha1: 20
            case .sha256: 32
            case .sha384: 48
            case .sha512: 64
            }
        }
    }

    package let function: Function
    /// The digest. For PBKDF2 (RFC 8018) only the first block of the key, which is sufficient to verify a password.
    package let digest: [UInt8]
    package let salt: [UInt8]
    /// The number of PBKDF2 iterations; nil for a plain digest.
    package let iterations: UInt32?

    /// This many iterations take about a second.
    private static let maximumIterations: UInt32 = 1_000_000
    private static let maximumSalt = 256

    /// Parses a stored password; nil if the text is malformed or uses another scheme.
    package init?(_ text: String) {
        guard let scheme = Self.scheme(of: text), let form = Self.forms[scheme] else { return nil }
        let rest = Array(text.utf8.dropFirst(scheme.utf8.count + 2))
        switch form {
        case .digest(let function, let isSalted):
            guard let bytes = Base64.decode(rest) else { return nil }
            let extra = bytes.count - function.byteCount
            guard isSalted ? (1...Self.maximumSalt).contains(extra) : extra == 0 else { return nil }
            self.init(
                function, Array(bytes.prefix(function.byteCount)), salt: Array(bytes.dropFirst(function.byteCount)))
        case .derived(let function):
            let parts = rest.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].allSatisfy(\.isDigit), !parts[0].isEmpty,
                let iterations = UInt64(String(decoding: parts[0].prefix(19), as: UTF8.self)), iterations > 0,
                let salt = Self.decodeAdapted(parts[1]), (1...Self.maximumSalt).contains(salt.count),
                let digest = Self.decodeAdapted(parts[2]), digest.count == function.byteCount
            else { return nil }
            self.init(function, digest, salt: salt, iterations: UInt32(clamping: iterations))
        case .packed:
            guard let bytes = Base64.decode(rest), bytes.count == 4 + 64 + 256 else { return nil }
            let iterations = bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            guard iterations > 0 else { return nil }
            self.init(.sha256, Array(bytes[68..<100]), salt: Array(bytes[4..<68]), iterations: iterations)
        }
    }

    private init(_ function: Function, _ digest: [UInt8], salt: [UInt8], iterations: UInt32? = nil) {
        self.function = function
        self.digest = digest
        self.salt = salt
        self.iterations = iterations
    }

    /// Whether verification takes too long for a login.
    package var isExcessive: Bool { iterations.map { $0 > Self.maximumIterations } ?? false }

    /// Whether `name`, in capitals, is the name of one of these schemes.
    package static func isScheme(_ name: String) -> Bool { forms[name] != nil }

    /// Whether the scheme applies its function only once.
    fileprivate static func isFast(_ name: String) -> Bool {
        if case .digest = forms[name] { true } else { false }
    }

    package var description: String { "(password)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }

    private enum Form {
        case digest(Function, isSalted: Bool)
        case derived(Function)
        /// 4 bytes of iterations, big-endian, then 64 bytes of salt and 256 bytes of key.
        case packed
    }

    private static let forms: [String: Form] = {
        var forms: [String: Form] = [
            "SMD5": .digest(.md5, isSalted: true), "SSHA": .digest(.sha1, isSalted: true),
            "PBKDF2": .derived(.sha1), "PBKDF2-SHA1": .derived(.sha1), "PBKDF2-SHA256": .derived(.sha256),
            "PBKDF2-SHA512": .derived(.sha512), "PBKDF2_SHA256": .packed,
            "MD5": .digest(.md5, isSalted: false), "SHA": .digest(.sha1, isSalted: false),
        ]
        for (name, function) in [("SHA256", Function.sha256), ("SHA384", .sha384), ("SHA512", .sha512)] {
            forms[name] = .digest(function, isSalted: false)
            forms["S" + name] = .digest(function, isSalted: true)
        }
        return forms
    }()

    /// The text between the braces at the start, in capitals; nil if there are no braces.
    fileprivate static func scheme(of text: String) -> String? {
        let bytes = text.utf8
        guard bytes.first == UInt8(ascii: "{"), let end = bytes.prefix(34).firstIndex(of: UInt8(ascii: "}")) else {
            return nil
        }
        return text[text.index(after: text.startIndex)..<end].uppercased()
    }

    /// Decodes unpadded Base64 with `.` in place of `+`.
    private static func decodeAdapted(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var digits = text.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "+") : $0 }
        while digits.count % 4 != 0 { digits.append(UInt8(ascii: "=")) }
        return Base64.decode(digits)
    }
}

extension PasswordHash {
    /// The name of the scheme if an attacker who has read the store can guess such passwords quickly: a single
    /// application of a digest, or DES or MD5 of crypt(3). Nil for all others.
    package var weakScheme: String? {
        if let scheme = PasswordDigest.scheme(of: text) {
            return PasswordDigest.isFast(scheme) ? "{\(scheme)}" : nil
        }
        if text.utf8.starts(with: "$1$".utf8) { return "$1$" }
        return text.utf8.first.map { $0 != UInt8(ascii: "$") && isDES } ?? false ? "DES crypt" : nil
    }

    /// Whether this is a traditional DES hash of crypt(3): 2 characters of salt and 11 of hash.
    package var isDES: Bool { text.utf8.count == 13 && text.utf8.allSatisfy(\.isCryptDigit) }
}

extension UInt8 {
    /// Whether the byte is one of `[./A-Za-z0-9]`, the characters of a crypt(3) hash.
    package var isCryptDigit: Bool {
        isASCIILetterOrDigit || self == UInt8(ascii: ".") || self == UInt8(ascii: "/")
    }
}
