import RosterModel

/// Checks hashes of crypt(3), in the forms of crypt(5): whether Roster can verify them in acceptable time.
enum CryptHash {
    /// The maximum accepted rounds of `$5$` and `$6$`: a quarter of a second, 200 times the default.
    static let maximumRounds = 1_000_000
    /// The maximum accepted cost of bcrypt, the binary logarithm of its rounds: about a second.
    static let maximumBcryptCost = 14

    /// The hash, if Roster can verify it; otherwise why it cannot, without any byte of the hash.
    static func classify(_ hash: ArraySlice<UInt8>) -> ImportedPassword {
        for method in Method.allCases {
            let prefix = method.rawValue
            guard hash.starts(with: prefix.utf8) else { continue }
            switch method.cost(of: hash.dropFirst(prefix.utf8.count)) {
            case .bearable: return .hash(PasswordHash(stored: String(decoding: hash, as: UTF8.self)))
            case .excessive: return .excessive(scheme: prefix)
            case nil: return .unsupported(scheme: "\(prefix), malformed")
            }
        }
        for prefix in ["$2x$", "$3$", "$7$", "$gy$", "$sha1", "$md5"] where hash.starts(with: prefix.utf8) {
            return .unsupported(scheme: prefix)
        }
        let whole = PasswordHash(stored: String(decoding: hash, as: UTF8.self))
        if whole.isDES { return .hash(whole) }
        // Longer if a System V also hashed the rest of a long password.
        if hash.count > 13, hash.allSatisfy(\.isCryptDigit) { return .unsupported(scheme: "DES crypt, extended") }
        return .unsupported(scheme: "an unknown form of crypt")
    }

    /// The methods that Roster verifies, by their prefix.
    private enum Method: String, CaseIterable {
        case yescrypt = "$y$"
        case sha512 = "$6$"
        case sha256 = "$5$"
        case bcryptA = "$2a$"
        case bcryptB = "$2b$"
        case bcryptY = "$2y$"
        case md5 = "$1$"

        /// The cost of verification, from the text after the prefix; nil if that is malformed.
        func cost(of rest: ArraySlice<UInt8>) -> Cost? {
            switch self {
            case .yescrypt: CryptHash.yescryptCost(rest)
            case .sha512: CryptHash.shaCost(rest, digits: 86)
            case .sha256: CryptHash.shaCost(rest, digits: 43)
            case .bcryptA, .bcryptB, .bcryptY: CryptHash.bcryptCost(rest)
            case .md5: CryptHash.md5Cost(rest)
            }
        }
    }

    private enum Cost {
        case bearable
        case excessive
    }

    /// `PARAMETERS$SALT$HASH`: up to 86 characters of salt and exactly 43 of hash.
    private static func yescryptCost(_ rest: ArraySlice<UInt8>) -> Cost? {
        let parts = rest.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard parts.count == 3, let parameters = YescryptParameters(parts[0]),
            parts[1].count <= 86, parts[1].allSatisfy(\.isCryptDigit),
            parts[2].count == 43, parts[2].allSatisfy(\.isCryptDigit)
        else { return nil }
        return parameters.isExcessive ? .excessive : .bearable
    }

    /// `[rounds=N$]SALT$HASH`: 1 to 16 printable characters of salt; 5000 rounds if none are given.
    private static func shaCost(_ rest: ArraySlice<UInt8>, digits: Int) -> Cost? {
        var parts = rest.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        var rounds = 5000
        if let first = parts.first, first.starts(with: "rounds=".utf8) {
            let number = first.dropFirst("rounds=".utf8.count)
            guard let leading = number.first, leading != UInt8(ascii: "0"), number.allSatisfy(\.isDigit) else {
                return nil
            }
            // A number too large for Int is excessive too.
            rounds = Int(String(decoding: number, as: UTF8.self)) ?? .max
            parts.removeFirst()
        }
        guard parts.count == 2, (1...16).contains(parts[0].count),
            parts[0].allSatisfy(\.isSaltCharacter),
            parts[1].count == digits, parts[1].allSatisfy(\.isCryptDigit)
        else { return nil }
        return rounds > maximumRounds ? .excessive : .bearable
    }

    /// `SALT$HASH`: up to 8 printable characters of salt and 22 of hash.
    private static func md5Cost(_ rest: ArraySlice<UInt8>) -> Cost? {
        let parts = rest.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count <= 8, parts[0].allSatisfy(\.isSaltCharacter),
            parts[1].count == 22, parts[1].allSatisfy(\.isCryptDigit)
        else { return nil }
        return .bearable
    }

    /// `NN$` and 53 characters, 22 of salt and 31 of hash; NN is from 04 to 31.
    private static func bcryptCost(_ rest: ArraySlice<UInt8>) -> Cost? {
        let parts = rest.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == 2, parts[0].allSatisfy(\.isDigit),
            let cost = Int(String(decoding: parts[0], as: UTF8.self)), (4...31).contains(cost),
            parts[1].count == 53, parts[1].allSatisfy(\.isCryptDigit)
        else { return nil }
        return cost > maximumBcryptCost ? .excessive : .bearable
    }
}

extension UInt8 {
    /// Whether crypt(5) allows the byte in a salt that is not encoded.
    fileprivate var isSaltCharacter: Bool { self > 0x20 && self < 0x7F && !":;*!\\".utf8.contains(self) }
}
