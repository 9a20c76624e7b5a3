/// A password as directories store it by a digest: `{SCHEME}` and what belongs to it.
///
/// `{MD5}`, `{SHA}`, `{SHA256}`, `{SHA384}`, `{SHA512}` are Base64 of the digest of the password; with an S before them, the digest is
/// that of password and salt, and the salt follows it. `{PBKDF2}`, `{PBKDF2-SHA1}`, `{PBKDF2-SHA256}`, `{PBKDF2-SHA512}` are what
/// OpenLDAP's module of that name writes, `ITERATIONS$SALT$KEY`; `{PBKDF2_SHA256}` is 389-DS's: Base64 of iterations, salt and key.
package struct PasswordDigest: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package enum Function: Sendable {
        case md5, sha1, sha256, sha384, sha512

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
    /// Of PBKDF2 (RFC 8018) the first block of the key: it tells as much of the password as the whole.
    package let digest: [UInt8]
    package let salt: [UInt8]
    /// How often PBKDF2 applies the function; nil for a plain digest.
    package let iterations: UInt32?

    /// As many iterations take about a second.
    private static let maximumIterations: UInt32 = 1_000_000
    private static let maximumSalt = 256

    /// Nil where the text is of another scheme or malformed.
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

    /// Whether verifying takes too long to be done at each login.
    package var isExcessive: Bool { iterations.map { $0 > Self.maximumIterations } ?? false }

    /// Whether it is the name of one of these schemes, in capitals.
    package static func isScheme(_ name: String) -> Bool { forms[name] != nil }

    /// Whether a scheme applies its function once.
    fileprivate static func isFast(_ name: String) -> Bool {
        if case .digest = forms[name] { true } else { false }
    }

    package var description: String { "(password)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }

    private enum Form {
        case digest(Function, isSalted: Bool)
        case derived(Function)
        /// 4 bytes of iterations, the first one the greatest, 64 of salt and 256 of key.
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

    /// What stands between the braces at the start, in capitals; nil where there are none.
    fileprivate static func scheme(of text: String) -> String? {
        let bytes = text.utf8
        guard bytes.first == UInt8(ascii: "{"), let end = bytes.prefix(34).firstIndex(of: UInt8(ascii: "}")) else {
            return nil
        }
        return text[text.index(after: text.startIndex)..<end].uppercased()
    }

    /// Base64 with `.` in the place of `+`, not padded.
    private static func decodeAdapted(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var digits = text.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "+") : $0 }
        while digits.count % 4 != 0 { digits.append(UInt8(ascii: "=")) }
        return Base64.decode(digits)
    }
}

extension PasswordHash {
    /// The name of the scheme where somebody who has read the store finds such passwords fast: one application of a digest, DES or
    /// MD5 of crypt(3). Nil for all others.
    package var weakScheme: String? {
        if let scheme = PasswordDigest.scheme(of: text) {
            return PasswordDigest.isFast(scheme) ? "{\(scheme)}" : nil
        }
        if text.utf8.starts(with: "$1$".utf8) { return "$1$" }
        return text.utf8.first.map { $0 != UInt8(ascii: "$") && isDES } ?? false ? "DES crypt" : nil
    }

    /// Whether it is of the traditional crypt(3): 2 digits of salt and 11 of hash.
    package var isDES: Bool { text.utf8.count == 13 && text.utf8.allSatisfy(\.isCryptDigit) }
}

extension UInt8 {
    /// Whether the byte is one of `[./A-Za-z0-9]`, the digits that crypt(3) writes hashes with.
    package var isCryptDigit: Bool {
        isASCIILetterOrDigit || self == UInt8(ascii: ".") || self == UInt8(ascii: "/")
    }
}
