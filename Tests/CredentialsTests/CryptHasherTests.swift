import RosterCredentials
import RosterModel
import Testing

/// The hashes were made by other programs: `openssl passwd -6 -salt saltsalt`, Perl's `crypt`, and Python's hashlib.
@Suite(.timeLimit(.minutes(5))) struct CryptHasherTests {
    private let hasher = CryptHasher()

    private static let hashes = [
        "$6$saltsalt$mxVKaCErOqJI3CnZ2S.XCjFeq6j2lVwpl.KEiZwVCuDAQg7SYUggfho7nlvpqGVtKy3H/WTVGDox0/DW2t0aD.",
        "$5$saltsalt$qDSJyMO6PmigOWEDiplmB3IYUphlG2C1BnK4wHd3t.4",
        "$2b$05$abcdefghijklmnopqrstuup/ZY04k2B1Bm4VIaz/HAyydzYFroJPO",
        "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$P75OqWyNMKWBis17Uchp5iQfPN1sUOruzLsXz1lTdq0",
        "{SSHA}ky1uuTRp+rzhm6lq3W11Xzi+zQFzYWx0",
        "{MD5}FVuo4QLzvrl4ksNAC2UDHA==",
        "{SMD5}UCwn4rDdenRec+kBDrqSYHNhbHRzYWx0",
        "{SHA}ykZoURc9LJ70oOef3FTaW1795sw=",
        "{SSHA}48wrNHt3HCHyeVfxbp/Ydhkf2ThzYWx0c2FsdA==",
        "{SHA256}CT5vjJxOON/IdY28jKON+wwJkOOrjUUxNbWaHqn5y94=",
        "{SSHA256}XGix2MFd1jNxl/nRhVEJNELhwvtaOgIN9BSCM63wK7BzYWx0c2FsdA==",
        "{SHA384}YOESaKkNG8rDiC+ICnxSAXXdBkhQdT6kldDDC/PuZxGj6aSjLksh0PxC0faOIm5A",
        "{SSHA384}q2Ry3QmBoTzdleinQfLlWeGLnUuQQNWa04CdcbC78+KBOBB4OLoqX/5AZNNetTVFc2FsdHNhbHQ=",
        "{SHA512}UYSifLXdyd9bbzR6herDQ5TMOMPeuVFfGaiqmzmSZcHNms9c/gxzzl9v/4N9Fd+SWF3f6R6IJLYpHas7N1lHAg==",
        "{SSHA512}LkzXEFOl6OddrlowJu5Bqq8VpJPoWJqrXZqZP3VMMFaVez0SUHSEthsg2pnzggoCl+PKniOMfXlYBU8djvBjWXNhbHRzYWx0",
        "{PBKDF2}1000$./9zYWx0IG9mIDE2IGJ5dGU$MnI/u1pLlqJcvqGYoM5dyGspuYw",
        "{PBKDF2-SHA1}1000$./9zYWx0IG9mIDE2IGJ5dGU$MnI/u1pLlqJcvqGYoM5dyGspuYw",
        "{PBKDF2-SHA256}1000$./9zYWx0IG9mIDE2IGJ5dGU$iopyFh9el1bVccFmKyvef46bLWQDVqtZyeP24Yvi50k",
        "{PBKDF2-SHA512}1000$./9zYWx0IG9mIDE2IGJ5dGU$e8GoIpdW6fIMNVpV4gnrAD4rpGkDPa59cRWHVLg38H1y0eI7k6rmfzWXEtjcjfFWe2uPp09JgOzuQVC6ItI99w",
        "{PBKDF2_SHA256}AAAIAAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj9W2fYofNZZcz+NHRN4PqTvl+PQOap+2hVT4mHyTFsnBe5KC7sSqz7MmBiJhT1FlZJTj+V/NJoRw6Y/Cg0RcUxOCdvFOyO5wUrZ53J8IqLZMuf+iVsmwXpCDxJoJFDcAF6EPhWyOGti0oeWtTeSpZF96rm1AwpXOzP4bAx0kW3pgOhdAR3xYXZIMGFaxFizyN+5tUne8xTVIvccxqnOAGK0LgDDH0Ai5ejbDeaPaSrhiV5dAGHnVd+FXuO3+dnSTqPFxLZAkpsaEGtwe2x7R/Y9qiTj5TG8VQAawxz0bH4DaHGMIJssqvvyr8ubc8D4Wm4PhkvF/HwwrJE1g1Ri2tFY",
        "$1$saltsalt$leHsKfE4duWb795MEdaev/",
    ]

    @Test(arguments: hashes)
    func verifiesHashesOfOtherPrograms(hash: String) async throws {
        #expect(try await hasher.verify("Correct-Horse-1", against: PasswordHash(stored: hash)))
        #expect(try await !hasher.verify("Correct-Horse-2", against: PasswordHash(stored: hash)))
        #expect(try await !hasher.verify("", against: PasswordHash(stored: hash)))
    }

    /// The traditional crypt(3) takes eight characters of a password.
    @Test func verifiesDESByItsFirstEightCharacters() async throws {
        let hash = PasswordHash(stored: "abjnZsba4ZEu.")
        #expect(try await hasher.verify("Correct-Horse-1", against: hash))
        #expect(try await hasher.verify("Correct-", against: hash))
        #expect(try await !hasher.verify("Correct", against: hash))
        #expect(try await !hasher.verify("correct-Horse-1", against: hash))
    }

    @Test func writesYescryptWithANewSaltEachTime() async throws {
        let first = try await hasher.hash("Correct-Horse-1")
        let second = try await hasher.hash("Correct-Horse-1")
        #expect(first.text.hasPrefix("$y$"))
        #expect(first != second)
        #expect(try await hasher.verify("Correct-Horse-1", against: first))
    }

    @Test(arguments: [
        "", "*", "!", "x", "*0", "plain", "{MD5}abc", "{MD5}", "{SHA256}XrY7u+Ae7tCTyyK7j1rNww==",
        "{PBKDF2-SHA256}0$AAAA$AAAA", "{PBKDF2_SHA256}AAAA", "$1$salt", "{SSHA}", "{SSHA}!!!!", "$", "$9$x$y",
        "ab0123456789.",
    ])
    func otherTextVerifiesNothing(hash: String) async throws {
        #expect(try await !hasher.verify("plain", against: PasswordHash(stored: hash)))
        #expect(try await !hasher.verify(hash, against: PasswordHash(stored: hash)))
    }

    @Test(arguments: [String(repeating: "x", count: 257), "a\0b"])
    func refusesWhatCryptWouldCut(password: String) async {
        await #expect(throws: RosterError.self) { try await hasher.hash(password) }
    }

    @Test func tellsWhenTooManyWait() async throws {
        let hasher = CryptHasher(workers: 1)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<(CryptHasher.maximumWaitingPerClient + 1000) {
                group.addTask { (try? await hasher.hash("Correct-Horse-1")) != nil }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.contains(true))
        #expect(outcomes.contains(false))
        // And takes more once they are done.
        _ = try await hasher.hash("Correct-Horse-1")
    }

    @Test func aFormThatIsNotVerifiedIsKnownAsSuch() {
        for hash in Self.hashes { #expect(hasher.canVerify(PasswordHash(stored: hash)), "\(hash)") }
        for text in [
            "", "*", "!", "{ARGON2}$argon2id$v=19$m=1$x$y", "{SASL}zhang@x", "$argon2id$v=19$m=1$x$y", "plain",
        ] {
            #expect(!hasher.canVerify(PasswordHash(stored: text)), "\(text)")
        }
    }
}
