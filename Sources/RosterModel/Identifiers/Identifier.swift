/// Describes one kind of identifier (reference page, "Identifiers").
package protocol IdentifierKind: Sendable {
    /// The name of its parameter in the API, for error messages.
    static var name: String { get }
    /// The allowed prefixes; an empty string means no prefix.
    static var prefixes: [String] { get }
    /// The ASCII characters that new identifiers are made of.
    static var alphabet: String { get }
    /// The number of random characters after the prefix of a new identifier.
    static var madeLength: Int { get }
}

/// An identifier of the API: a prefix followed by 1 to 32 ASCII letters or digits.
///
/// New identifiers look like the vendor's; more forms are accepted, because real ones differ in length and case.
package struct Identifier<Kind: IdentifierKind>: Sendable, Hashable, Comparable {
    package let text: String

    /// How many letters or digits may follow the prefix.
    private static var tailLengths: ClosedRange<Int> { 1...32 }

    /// The regular expression that every identifier of the kind matches, and nothing else.
    package static var pattern: String {
        let prefix = Kind.prefixes == [""] ? "" : "(\(Kind.prefixes.joined(separator: "|")))"
        return "^\(prefix)[A-Za-z0-9]{\(tailLengths.lowerBound),\(tailLengths.upperBound)}$"
    }

    /// Parses an identifier.
    /// - Throws: `invalidParameter` for the kind's name if `text` is not one of the prefixes followed by 1 to 32 ASCII
    ///   letters or digits.
    package init(_ text: some StringProtocol) throws(RosterError) {
        guard Self.isWellFormed(text) else {
            let forms = Kind.prefixes.map { "\($0)…" }.joined(separator: " or ")
            throw .invalid(
                Kind.name,
                "not of the form \(forms) with \(Self.tailLengths.lowerBound) to \(Self.tailLengths.upperBound) letters "
                    + "or digits")
        }
        self.text = String(text)
    }

    /// Creates an identifier without checking its text.
    package init(stored text: String) {
        self.text = text
    }

    /// The identifier that belongs to `index` of a request: the same one whenever the request is repeated.
    /// - Parameter digest: of a signed request, and so as good as random.
    package static func derived(from digest: [UInt8], index: Int) -> Self {
        let alphabet = Array(Kind.alphabet.utf8)
        var hash = FNV1a(digest)
        withUnsafeBytes(of: UInt64(index).littleEndian) { for byte in $0 { hash.combine(byte) } }
        var text = Array(Kind.prefixes[0].utf8)
        for place in 0..<Kind.madeLength {
            // Continued for each character.
            hash.combine(UInt8(truncatingIfNeeded: place))
            text.append(alphabet[Int((hash.hash >> 32) % UInt64(alphabet.count))])
        }
        return Self(stored: String(decoding: text, as: UTF8.self))
    }

    /// Creates a random identifier.
    package static func make(prefix: String? = nil) -> Self {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Kind.alphabet.utf8
        let base = UInt64(alphabet.count)
        var text = Array((prefix ?? Kind.prefixes[0]).utf8)
        // One system call yields the digits of several characters.
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
            if tailLengths.contains(tail.count), tail.allSatisfy(\.isASCIILetterOrDigit) { return true }
        }
        return false
    }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension Identifier: CustomStringConvertible {
    package var description: String { text }
}

/// The kind of cluster identifiers. All prefixes are the vendor's.
package enum ClusterKind: IdentifierKind {
    package static let name = "cluster_id"
    package static let prefixes = ["hpc-", "ehpc-"]
    package static let alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
    package static let madeLength = 8
}

/// The kind of user identifiers.
package enum HPCUserKind: IdentifierKind {
    package static let name = "hpcuser_id"
    package static let prefixes = ["hpcuser-"]
    package static let alphabet = ClusterKind.alphabet
    package static let madeLength = 8
}

/// The kind of account identifiers.
package enum AccountKind: IdentifierKind {
    package static let name = "user_id"
    package static let prefixes = ["usr-"]
    package static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    package static let madeLength = 8
}

/// The kind of job identifiers.
package enum JobKind: IdentifierKind {
    package static let name = "job_id"
    package static let prefixes = ["j-"]
    package static let alphabet = ClusterKind.alphabet
    package static let madeLength = 11
}

/// The kind of access key identifiers.
package enum AccessKeyKind: IdentifierKind {
    package static let name = "access_key_id"
    package static let prefixes = [""]
    package static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    package static let madeLength = 20
}

/// A cluster; new ones are `hpc-` or `ehpc-` and 8 of `[a-z0-9]`.
package typealias ClusterID = Identifier<ClusterKind>
/// A user of a cluster; new ones are `hpcuser-` and 8 of `[a-z0-9]`.
package typealias HPCUserID = Identifier<HPCUserKind>
/// The platform account behind users; new ones are `usr-` and 8 of `[A-Za-z0-9]`. One account may own users in several
/// clusters.
package typealias AccountID = Identifier<AccountKind>
/// A job; new ones are `j-` and 11 of `[a-z0-9]`.
package typealias JobID = Identifier<JobKind>
/// An access key; new ones are 20 upper-case letters.
package typealias AccessKeyID = Identifier<AccessKeyKind>

extension UInt64 {
    fileprivate func multipliedWithoutOverflow(by factor: UInt64) -> UInt64? {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }
}
