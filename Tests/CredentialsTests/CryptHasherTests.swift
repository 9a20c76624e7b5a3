import RosterCredentials
import RosterModel
import Testing

/// The hashes were made by other programs: `openssl passwd -6 -salt saltsalt`, Perl's `crypt`, and Python's hashlib.
@Suite struct CryptHasherTests {
    private let hasher = CryptHasher()

    private static let hashes = [
        "$6$saltsalt$mxVKaCErOqJI3CnZ2S.XCjFeq6j2lVwpl.KEiZwVCuDAQg7SYUggfho7nlvpqGVtKy3H/WTVGDox0/DW2t0aD.",
        "$5$saltsalt$qDSJyMO6PmigOWEDiplmB3IYUphlG2C1BnK4wHd3t.4",
        "$2b$05$abcdefghijklmnopqrstuup/ZY04k2B1Bm4VIaz/HAyydzYFroJPO",
        "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$P75OqWyNMKWBis17Uchp5iQfPN1sUOruzLsXz1lTdq0",
        "{SSHA}ky1uuTRp+rzhm6lq3W11Xzi+zQFzYWx0",
    ]

    @Test(arguments: hashes)
    func verifiesHashesOfOtherPrograms(hash: String) async throws {
        #expect(try await hasher.verify("Correct-Horse-1", against: PasswordHash(stored: hash)))
        #expect(try await !hasher.verify("Correct-Horse-2", against: PasswordHash(stored: hash)))
        #expect(try await !hasher.verify("", against: PasswordHash(stored: hash)))
    }

    @Test func writesYescryptWithANewSaltEachTime() async throws {
        let first = try await hasher.hash("Correct-Horse-1")
        let second = try await hasher.hash("Correct-Horse-1")
        #expect(first.text.hasPrefix("$y$"))
        #expect(first != second)
        #expect(try await hasher.verify("Correct-Horse-1", against: first))
    }

    @Test(arguments: [
        "", "*", "!", "x", "*0", "plain", "{MD5}abc", "{SSHA}", "{SSHA}!!!!", "$", "$9$x$y", "ab0123456789.",
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
            for _ in 0..<(CryptHasher.maximumWaiting + 40) {
                group.addTask { (try? await hasher.hash("Correct-Horse-1")) != nil }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.contains(true))
        #expect(outcomes.contains(false))
        // And takes more once they are done.
        _ = try await hasher.hash("Correct-Horse-1")
    }
}
