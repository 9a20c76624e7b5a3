/// What tells one kind of identifier from another (reference page, "Identifiers").
package protocol IdentifierKind: Sendable {
    /// The API's name of it, for error texts.
    static var name: String { get }
    /// The prefixes it may have; an empty one means none.
    static var prefixes: [String] { get }
    /// The characters that Roster makes one from, ASCII.
    static var alphabet: String { get }
    /// How many characters Roster makes after the prefix.
    static var madeLength: Int { get }
}

/// An identifier of the API: a prefix and 1 to 32 ASCII letters or digits.
///
/// Roster makes them as the vendor does, and reads them more widely, because real ones differ in length and case.
package struct Identifier<Kind: IdentifierKind>: Sendable, Hashable, Comparable {
    package let text: String

    /// - Throws: `invalidParameter` that names the kind, where `text` has none of the prefixes or not 1 to 32 ASCII
    ///   letters or digits after it.
    package init(_ text: some StringProtocol) throws(RosterError) {
        guard Self.isWellFormed(text) else {
            let forms = Kind.prefixes.map { "\($0)…" }.joined(separator: " or ")
            throw .invalid(Kind.name, "not of the form \(forms) with 1 to 32 letters or digits")
        }
        self.text = String(text)
    }

    /// For text that was checked before it was stored.
    package init(stored text: String) {
        self.text = text
    }

    /// A new random one.
    package static func make(prefix: String? = nil) -> Self {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Kind.alphabet.utf8
        let base = UInt64(alphabet.count)
        var text = Array((prefix ?? Kind.prefixes[0]).utf8)
        // The system is asked for a number of many digits at once, not for each digit.
        var (digits, values): (UInt64, UInt64) = (0, 1)
        for _ in 0..<Kind.madeLength {
            if values < base {
                values = 1
                while let more = values.multipliedWithoutOverflow(by: base) { values = more }
                digits = UInt64.random(in: 0..<values, using: &generator)
            }
            text.append(alphabet[alphabet.index(alphabet.startIndex, offsetBy: Int(digits % base))])
            digits /= base
            values /= base
        }
        return Self(stored: String(decoding: text, as: UTF8.self))
    }

    private static func isWellFormed(_ text: some StringProtocol) -> Bool {
        text.utf8.withContiguousStorageIfAvailable(isWellFormed)
            ?? Array(text.utf8).withUnsafeBufferPointer(isWellFormed)
    }

    private static func isWellFormed(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        for prefix in Kind.prefixes where bytes.starts(with: prefix.utf8) {
            let tail = bytes.dropFirst(prefix.utf8.count)
            if (1...32).contains(tail.count), tail.allSatisfy(\.isASCIILetterOrDigit) { return true }
        }
        return false
    }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension Identifier: CustomStringConvertible {
    package var description: String { text }
}

/// The prefixes of identifiers are the vendor's.
package enum ClusterKind: IdentifierKind {
    package static let name = "cluster_id"
    package static let prefixes = ["hpc-", "ehpc-"]
    package static let alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
    package static let madeLength = 8
}

package enum HPCUserKind: IdentifierKind {
    package static let name = "hpcuser_id"
    package static let prefixes = ["hpcuser-"]
    package static let alphabet = ClusterKind.alphabet
    package static let madeLength = 8
}

package enum AccountKind: IdentifierKind {
    package static let name = "user_id"
    package static let prefixes = ["usr-"]
    package static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    package static let madeLength = 8
}

package enum JobKind: IdentifierKind {
    package static let name = "job_id"
    package static let prefixes = ["j-"]
    package static let alphabet = ClusterKind.alphabet
    package static let madeLength = 11
}

package enum AccessKeyKind: IdentifierKind {
    package static let name = "access_key_id"
    package static let prefixes = [""]
    package static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    package static let madeLength = 20
}

/// A cluster: `hpc-` or `ehpc-` and 8 of `[a-z0-9]`.
package typealias ClusterID = Identifier<ClusterKind>
/// A user in a cluster: `hpcuser-` and 8 of `[a-z0-9]`.
package typealias HPCUserID = Identifier<HPCUserKind>
/// The platform account behind users: `usr-` and 8 of `[A-Za-z0-9]`. One account may stand behind users of several clusters.
package typealias AccountID = Identifier<AccountKind>
/// A job: `j-` and 11 of `[a-z0-9]`.
package typealias JobID = Identifier<JobKind>
/// An access key: 20 upper-case letters.
package typealias AccessKeyID = Identifier<AccessKeyKind>

extension UInt64 {
    fileprivate func multipliedWithoutOverflow(by factor: UInt64) -> UInt64? {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }
}
