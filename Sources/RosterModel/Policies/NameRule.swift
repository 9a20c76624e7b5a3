/// The rule for names of new users and groups. Imported names need not follow it.
package enum NameRule: String, Sendable, Hashable, CaseIterable {
    /// POSIX-portable: 1 to 32 of `[a-z0-9_-]`, beginning with a letter or `_`.
    case portable
    /// The vendor's: 1 to 8 letters, digits and underscores.
    case vendor

    /// Checks the name of a new user.
    /// - Throws: `nameMalformed` if `text` breaks the rule, or is the name of a system account: the user would be
    ///   mistaken for that account on a node.
    package func check(_ text: String) throws(RosterError) -> Username {
        try check(text, as: .user)
        return Username(stored: text)
    }

    /// Checks the name of a new group.
    /// - Throws: `nameMalformed` if `text` breaks the rule, or is the name of a system group: members would get that
    ///   group's rights on a node.
    package func check(group text: String) throws(RosterError) {
        try check(text, as: .group)
        guard !Self.isReserved(group: text) else {
            throw RosterError(.nameMalformed, .group, "\(text) is the name of a system group")
        }
    }

    /// Whether `name` is that of a system account or system group, ignoring ASCII case.
    static func isReserved(group name: String) -> Bool {
        let key = Username.key(of: name)
        return reservedForGroups.contains(key) || reserved.contains(key)
    }

    private func check(_ text: String, as subject: RosterError.Subject) throws(RosterError) {
        let bytes = Array(text.utf8)
        let fits =
            switch self {
            case .portable:
                (1...32).contains(bytes.count) && !bytes[0].isDigit && bytes[0] != UInt8(ascii: "-")
                    && bytes.allSatisfy { byte in
                        byte == byte.asciiLowercased && byte.isASCIILetterOrDigit || byte == UInt8(ascii: "_")
                            || byte == UInt8(ascii: "-")
                    }
            case .vendor:
                (1...8).contains(bytes.count)
                    && bytes.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") }
            }
        guard fits else { throw RosterError(.nameMalformed, subject, form) }
        guard !Self.reserved.contains(Username.key(of: text)) else {
            throw RosterError(.nameMalformed, subject, "\(text) is the name of a system account")
        }
    }

    private var form: String {
        switch self {
        case .portable: "must be 1 to 32 of a-z, 0-9, _ and -, and start with a letter or _"
        case .vendor: "must be 1 to 8 letters, digits and underscores"
        }
    }

    /// Accounts of Debian, RHEL, systemd and the services of a cluster, and `admin`, the cluster's own administrator.
    private static let reserved: Set<String> = [
        "root", "admin", "administrator", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp",
        "proxy", "www-data", "backup", "list", "irc", "gnats", "nobody", "nogroup", "operator", "halt", "shutdown",
        "adm",
        "ftp", "apache", "nginx", "dbus", "polkitd", "sshd", "rpc", "rpcuser", "nfsnobody", "ntp", "chrony", "tss",
        "sssd",
        "nslcd", "ldap", "openldap", "slapd", "munge", "slurm", "postgres", "mysql", "redis", "postfix", "messagebus",
        "systemd-network", "systemd-resolve", "systemd-timesync", "systemd-coredump", "_apt", "roster", "sudo", "wheel",
        "docker",
    ]

    /// Groups of Debian, RHEL and systemd that stand for a right or a device, in addition to `reserved`.
    private static let reservedForGroups: Set<String> = [
        "adm", "tty", "disk", "lpadmin", "kmem", "mem", "dialout", "fax", "voice", "cdrom", "floppy", "tape", "audio",
        "dip", "src", "shadow", "utmp", "utempter", "video", "sasl", "plugdev", "staff", "users", "netdev", "input",
        "sgx", "kvm", "render", "crontab", "ssh", "ssh_keys", "systemd-journal", "lock", "libvirt", "lxd", "wireshark",
    ]
}

/// The rule for new passwords.
package enum PasswordRule: String, Sendable, Hashable, CaseIterable {
    /// 12 to 30 letters, digits and `!@#$%^&*()`, with an upper-case letter, a lower-case letter and a digit.
    case standard
    /// The same without `$`, as on one of the vendor's pages.
    case vendor

    /// Checks a new password.
    /// - Throws: `passwordUnacceptable`, whose message says what is wrong and never quotes the password.
    package func check(_ password: String) throws(RosterError) {
        let bytes = Array(password.utf8)
        let symbols = self == .standard ? "!@#$%^&*()" : "!@#%^&*()"
        let fault: String? =
            if !(12...30).contains(bytes.count) {
                "must have 12 to 30 characters"
            } else if !bytes.allSatisfy({ $0.isASCIILetterOrDigit || symbols.utf8.contains($0) }) {
                "may hold letters, digits and \(symbols) only"
            } else if !bytes.contains(where: \.isDigit) || !bytes.contains(where: { $0 != $0.asciiLowercased })
                || !bytes.contains(where: { $0.isASCIILetterOrDigit && !$0.isDigit && $0 == $0.asciiLowercased })
            {
                "must hold a capital, a small letter and a digit"
            } else {
                nil
            }
        if let fault { throw RosterError(.passwordUnacceptable, .password, "\(fault)") }
    }

    /// A random password that satisfies the rule: letters and digits without those that are easily confused, so that it
    /// can be typed from paper. 20 of them have some 116 bits, 14 some 81.
    /// - Parameter length: 12 to 30.
    package func makePassword(length: Int = 20) -> String {
        let signs = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789".utf8)
        var generator = SystemRandomNumberGenerator()
        while true {
            let bytes = (0..<length).map { _ in signs[Int.random(in: signs.indices, using: &generator)] }
            let password = String(decoding: bytes, as: UTF8.self)
            // About one in thirty has no digit.
            if (try? check(password)) != nil { return password }
        }
    }
}
