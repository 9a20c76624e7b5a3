import RosterImport
import RosterModel
import Testing

@Suite struct StoredPasswordTests {
    static let sha512 = PasswdReaderTests.hash
    static let sha256 = "$5$tm.nivL2Rj49wS29$6pHyhtKOKX5Ft0GwxYrV05MyM0D36WjvOUHHpIKfj4B"
    static let bcrypt = "$2b$05$dQYUEasuPzkrTZt1qUfJ3uhwciusmTXpZzlnFwI.YeUbECty6NKNS"
    static let yescrypt = "$y$j9T$k2XAnEHBqQ1Ct2aMXFKNa/$Ry7oZ9ThqkDutyuKduodO92iRCkOPEVA3D3cGUEN1J1"
    /// 32 bytes as OpenLDAP's module writes them.
    static let pbkdf2 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    static let ssha = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0"

    static func ofDirectory(_ text: String) -> ImportedPassword? {
        StoredPassword.ofDirectory(Array(text.utf8)[...])
    }

    static func ofPasswd(_ text: String) -> ImportedPassword? {
        StoredPassword.ofPasswd(Array(text.utf8)[...])
    }

    @Test(arguments: [
        sha512, sha256, bcrypt, yescrypt, bcrypt.replacing("$2b$", with: "$2a$"),
        bcrypt.replacing("$2b$", with: "$2y$"),
        sha512.replacing("$6$", with: "$6$rounds=1000000$"), sha256.replacing("$5$", with: "$5$rounds=9$"),
    ])
    func takesHashesThatCryptVerifies(hash: String) {
        #expect(Self.ofPasswd(hash) == .hash(PasswordHash(stored: hash)))
        #expect(Self.ofDirectory("{CRYPT}" + hash) == .hash(PasswordHash(stored: hash)))
        #expect(Self.ofDirectory("{crypt}" + hash) == .hash(PasswordHash(stored: hash)))
    }

    @Test func takesSaltedSHA1() {
        #expect(Self.ofDirectory("{ssha}" + Self.ssha) == .hash(PasswordHash(stored: "{SSHA}" + Self.ssha)))
    }

    @Test(arguments: [
        "", "{CRYPT}", "{CRYPT}x", "{CRYPT}*", "{CRYPT}*LK*", "{CRYPT}!", "{CRYPT}!!",
        "{CLEARTEXT}",
    ])
    func findsNoPassword(value: String) {
        #expect(Self.ofDirectory(value) == nil)
    }

    @Test func aHashBehindALockIsKeptAndTheLockIsTold() {
        #expect(Self.ofDirectory("{CRYPT}!" + Self.sha512) == .hash(PasswordHash(stored: Self.sha512)))
        for (value, isLocked) in [
            ("{CRYPT}!" + Self.sha512, true), ("{crypt}!!x", true), ("{CRYPT}!", false), ("!x", false), ("", false),
        ] {
            #expect(StoredPassword.isLocked(Array(value.utf8)[...]) == isLocked, "\(value)")
        }
    }

    @Test(arguments: ["", "x", "*", "!", "!!", "!" + sha512, "*NP*"])
    func findsNoPasswordInPasswd(field: String) {
        #expect(Self.ofPasswd(field) == nil)
    }

    @Test(arguments: ["secret", "x", "!", "{", "{}x", "{a b}x", "{secret", "a{MD5}", "$6$secret", "秘密"])
    func takesTheRestForClearText(value: String) {
        #expect(Self.ofDirectory(value) == .clear(value))
        #expect(Self.ofDirectory("{cleartext}" + value) == .clear(value))
    }

    private static let namesWhatItCannotVerifyCases: [(String, String)] = [
        ("{MD5}XrY7u+Ae7tCTyyK7j1rNwwA=", "{MD5}, malformed"), ("{smd5}x", "{SMD5}, malformed"),
        ("{ARGON2}x", "{ARGON2}"),
        ("{PBKDF2-SHA512}x", "{PBKDF2-SHA512}, malformed"), ("{PBKDF2}1$a$b", "{PBKDF2}, malformed"),
        ("{SMD5}XrY7u+Ae7tCTyyK7j1rNww==", "{SMD5}, malformed"), ("{SHA}!", "{SHA}, malformed"),
        ("{PBKDF2-SHA256}0$AAAA$" + pbkdf2, "{PBKDF2-SHA256}, malformed"),
        ("{PBKDF2-SHA256}-1$AAAA$" + pbkdf2, "{PBKDF2-SHA256}, malformed"),
        ("{PBKDF2-SHA256}9$$" + pbkdf2, "{PBKDF2-SHA256}, malformed"),
        ("{PBKDF2_SHA256}AAAA", "{PBKDF2_SHA256}, malformed"),
        ("{SSHA}short", "{SSHA}, malformed"), ("{SSHA}MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "{SSHA}, malformed"),
        ("{CRYPT}$1$CV18Zvht$DvYTbpfuXlyz7V6Ygp4Fi", "$1$, malformed"),
        ("{CRYPT}SJMoVhuASiqiUSJMoVhuASiqiU", "DES crypt, extended"),
        ("{CRYPT}$gy$j9T$wQZrp54rmU4hiLPBUL2ZQ1$yRx9s8rNUhU96oHHJL9fsA74q7OcCD4ep7m6tmgOsa9", "$gy$"),
        ("{CRYPT}$7$CU..../....bRJEJG9xBf9aLoTfom1.O0$l5gn4zNmTUm1BapBDNTGLy5HkFE6zZJosSB/dyfJNr0", "$7$"),
        ("{CRYPT}_J9..CnFolPFh7W2CICE", "an unknown form of crypt"), ("{CRYPT}secret", "an unknown form of crypt"),
        ("{CRYPT}\(sha512.dropLast())", "$6$, malformed"), ("{CRYPT}\(bcrypt)x", "$2b$, malformed"),
        ("{CRYPT}$2b$3$dQYUEasuPzkrTZt1qUfJ3uhwciusmTXpZzlnFwI.YeUbECty6NKNS", "$2b$, malformed"),
        ("{CRYPT}$6$rounds=0$a$" + String(repeating: ".", count: 86), "$6$, malformed"),
        ("{secret}", "an unknown scheme"), ("{hunter.2}x", "an unknown scheme"),
    ]

    @Test(arguments: namesWhatItCannotVerifyCases)
    func namesWhatItCannotVerify(value: String, scheme: String) {
        #expect(Self.ofDirectory(value) == .unsupported(scheme: scheme))
    }

    private static let refusesExcessiveCostCases: [(String, String)] = [
        (sha512.replacing("$6$", with: "$6$rounds=1000001$"), "$6$"),
        (sha256.replacing("$5$", with: "$5$rounds=99999999999999999999999$"), "$5$"),
        (bcrypt.replacing("$05$", with: "$15$"), "$2b$"),
        (yescrypt.replacing("j9T", with: "jET"), "$y$"),
    ]

    @Test func refusesTooManyIterations() {
        for count in ["1000001", "99999999999999999999999"] {
            #expect(
                Self.ofDirectory("{PBKDF2-SHA256}\(count)$AAAA$" + Self.pbkdf2) == .excessive(scheme: "{PBKDF2-SHA256}")
            )
        }
    }

    @Test(arguments: [
        ("{md5}XrY7u+Ae7tCTyyK7j1rNww==", "{MD5}"), ("{CRYPT}$1$CV18Zvht$DvYTbpfuXlyz7V6Ygp4Fi/", "$1$"),
        ("{CRYPT}SJMoVhuASiqiU", "DES crypt"), ("{SSHA}" + ssha, "{SSHA}"),
        ("{PBKDF2-SHA256}1000$AAAA$" + pbkdf2, nil), ("{CRYPT}" + sha512, nil), ("{CRYPT}" + yescrypt, nil),
    ])
    func weakSchemesAreTold(value: String, scheme: String?) throws {
        guard case .hash(let hash) = Self.ofDirectory(value) else {
            Issue.record("\(value) is kept")
            return
        }
        #expect(hash.weakScheme == scheme)
    }

    @Test(arguments: refusesExcessiveCostCases)
    func refusesExcessiveCost(hash: String, scheme: String) {
        #expect(Self.ofPasswd(hash) == .excessive(scheme: scheme))
    }

    // The parameters up to jFT are what crypt_gensalt(3) makes of its costs 1 to 11; crypt(3) takes the others that are
    // bearable or excessive here, and none of those that are nil.
    private static let weighsTheParametersOfYescryptCases: [(String, Bool?)] = [
        ("j75", true), ("j85", true), ("j7T", true), ("jCT", true), ("jDT", true), ("jET", false), ("jFT", false),
        ("j9kD", true), ("j9kE", false), ("j9lD", false), ("j9z.....", false), ("j9T..", true), ("j9T/.", true),
        ("j9T0.7", true), ("jDT/.", true), ("jDkD", true), ("jDkD/.", false), ("jDkD..", false), ("j9T/zzzzzz", false),
        ("j9T.zzzzzz", false), ("jzzzzzzT", nil), ("jkIT", nil), ("j9T1.", nil), ("j9T5.", nil), ("j9", nil),
        ("j", nil),
        ("", nil), ("j9T.", nil), ("j9T...", nil), ("j9k", nil), ("j9*", nil), ("zzzzzz9T", nil), ("/9T", true),
    ]

    @Test(arguments: weighsTheParametersOfYescryptCases)
    func weighsTheParametersOfYescrypt(parameters: String, isBearable: Bool?) {
        let hash = Self.yescrypt.replacing("j9T", with: parameters)
        let expected: ImportedPassword =
            switch isBearable {
            case true?: .hash(PasswordHash(stored: hash))
            case false?: .excessive(scheme: "$y$")
            case nil: .unsupported(scheme: "$y$, malformed")
            }
        #expect(Self.ofPasswd(hash) == expected)
    }

    @Test func neverShowsItself() {
        for password in [Self.ofDirectory("secret"), Self.ofDirectory(Self.sha512), Self.ofDirectory("{secret}")] {
            var dumped = ""
            dump(password, to: &dumped)
            for text in [dumped, String(describing: password), String(reflecting: password), "\(password as Any)"] {
                #expect(!text.lowercased().contains("secret") && !text.contains("LzU1"))
            }
        }
    }

    @Test func aClearPasswordDoesNotShowItself() {
        var dumped = ""
        dump(ImportedPassword.clear("secret"), to: &dumped)
        #expect(!dumped.contains("secret"))
    }
}
