/// A public key as a line of sshd(8)'s authorized_keys has it: type, base64, and a comment. Of the options only
/// `expiry-time` is a part of it: any other may give rights.
package struct SSHPublicKey: Sendable, Equatable {
    /// `ssh-ed25519`, say.
    package let type: String
    /// The comment; empty where there is none.
    package let comment: String
    /// From when on sshd refuses the key; nil is never.
    package var expires: Timestamp?
    /// The key as the SSH protocol sends it (RFC 4253 section 6.6).
    package let blob: [UInt8]

    private static let types: Set<String> = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]

    /// The bits of the modulus of an RSA key; nil for a key of another type.
    package let rsaBits: Int?

    /// The least bits of the modulus of an RSA key that is kept.
    package static let leastRSABits = 2048
    /// The least bits of one that is added, as NIST SP 800-57 demands beyond 2030.
    package static let leastNewRSABits = 3072

    /// Whether the key is kept where it was in use already, but not added.
    package var isWeak: Bool { rsaBits.map { $0 < Self.leastNewRSABits } ?? false }

    /// - Throws: `invalidParameter` for `sshPublicKey`.
    package init(_ line: some StringProtocol) throws(RosterError) {
        func fault(_ message: String) -> RosterError { .invalid(UserAttribute.sshPublicKey.name, message) }
        var rest = Substring(line)
        if rest.utf8.starts(with: Self.expiryOption.utf8) {
            guard let (time, end) = Self.expiry(rest) else {
                throw fault("has an expiry-time that is not of the form \"YYYYMMDDhhmm[ss]Z\"")
            }
            expires = time
            rest = rest[end...]
        }
        let parts = rest.split(separator: " ", maxSplits: 2)
        guard let first = parts.first, Self.types.contains(String(first)) else {
            throw fault(
                "does not begin with the type of a key that is supported, such as ssh-ed25519; options are not taken")
        }
        guard parts.count >= 2, let blob = Base64.decode(Array(parts[1].utf8)) else {
            throw fault("has no key in base64 after its type")
        }
        type = String(first)
        comment = parts.count == 3 ? String(parts[2]) : ""
        self.blob = blob
        var bytes = blob[...]
        guard let inner = Self.string(&bytes), inner.elementsEqual(type.utf8) else {
            throw fault("is of another type inside than it says")
        }
        if type == "ssh-rsa" {
            guard Self.string(&bytes) != nil, let modulus = Self.string(&bytes), bytes.isEmpty else {
                throw fault("is cut short")
            }
            let digits = modulus.drop { $0 == 0 }
            let bits = digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0)
            guard bits >= Self.leastRSABits else {
                throw fault("is an RSA key of \(bits) bits; at least \(Self.leastRSABits) are needed")
            }
            rsaBits = bits
        } else {
            guard let key = Self.string(&bytes), !key.isEmpty else { throw fault("is cut short") }
            rsaBits = nil
        }
    }

    /// The line of authorized_keys.
    package var line: String {
        let option = expires.map { "\(Self.expiryOption)\($0.generalizedTime)\" " } ?? ""
        let key = type + " " + String(decoding: Base64.encode(blob), as: UTF8.self)
        return option + key + (comment.isEmpty ? "" : " " + comment)
    }

    private static let expiryOption = "expiry-time=\""

    /// Whether the key of a line, which was checked when it came in, is refused by sshd at `now`.
    package static func isExpired(_ line: UnsafeBufferPointer<UInt8>, at now: Timestamp) -> Bool {
        // Nearly no key has the option.
        guard line.starts(with: expiryOption.utf8) else { return false }
        return expiry(Substring(String(decoding: line, as: UTF8.self))).map { $0.time <= now } ?? true
    }

    /// The time of the option that a line begins with, and where the key begins; nil where it is malformed. A time of sshd without
    /// a zone means another moment on each host: it is not taken.
    private static func expiry(_ line: Substring) -> (time: Timestamp, end: Substring.Index)? {
        let value = line.dropFirst(expiryOption.count)
        guard let quote = value.firstIndex(of: "\"") else { return nil }
        let text = value[..<quote]
        let end = value.index(after: quote)
        guard [13, 15].contains(text.utf8.count), text.hasSuffix("Z"), text.dropLast().utf8.allSatisfy(\.isDigit),
            let time = Timestamp(generalizedTime: Array(text.utf8)[...]), value[end...].first == " "
        else { return nil }
        return (time, end)
    }

    /// Takes a string with its length before it (RFC 4251 section 5); nil where `rest` is too short.
    private static func string(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard rest.count >= 4 else { return nil }
        let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(4)
        guard length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(length) }
        return rest.prefix(length)
    }
}
