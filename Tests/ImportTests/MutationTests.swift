import RosterImport
import RosterModel
import RosterSnapshot
import Testing

/// Damaged files: no crash, whatever the damage, and nothing shown that must not be.
@Suite struct MutationTests {
    static let password = "Zx9qWv7k"

    /// A file with a bit of everything.
    static func sound(_ format: ImportFormat) -> String {
        switch format {
        case .csv:
            """
            \u{FEFF}username,cluster_id,gecos,mod,uid_number,create_time\r
            anna,hpc-qig9xu97,"An""na, A",null,2000,2021-08-17T09:12:40Z\r
            "berta",hpc-qig9xu97,"two
            lines",700,2001,\r
            李,,é,,2002,\r
            """
        case .ldif:
            """
            version: 1
            # comment
              folded

            dn: cn=anna+uid=a\\2Cb,ou=People,ou=hpc-qig9xu97,dc=x
            objectClass: posixAccount
            uid;lang-en: anna
            uid:: YW5uYQ==
            uidNumber: 2000
            gecos: fold
             ed
            description: 2021-08-17 09:12:40
            createTimestamp: 20210817091240.5+0800
            userPassword: \(password)

            dn:: Y249YmVydGEsZGM9eA==
            changetype: add
            objectClass: posixAccount
            userPassword: {CRYPT}\(StoredPasswordTests.yescrypt)
            userPassword: {CRYPT}\(StoredPasswordTests.bcrypt)
            userPassword: {SSHA}\(StoredPasswordTests.ssha)

            dn: cn=users,ou=Group,dc=x
            objectClass: posixGroup
            cn: users
            gidNumber: 100

            search: 2
            result: 0 Success
            """
        case .passwd:
            """
            # comment
            anna:\(password):2000:100:A,B:/home/anna:/bin/sh
            berta:\(PasswdReaderTests.hash):2001:100:::
            root:x:0:0:root:/root:/bin/sh
            +::::::
            李:!:2002:100::/:
            """
        }
    }

    @Test(arguments: ImportFormat.allCases)
    func soundFilesHaveNoFault(format: ImportFormat) {
        let file = read(Self.sound(format), as: format)
        #expect(file.faultTexts == [])
        #expect(file.records.count == (format == .ldif ? 2 : 3))
    }

    @Test(arguments: ImportFormat.allCases, [UInt64(1), 2, 3, 4])
    func survivesAnyDamage(format: ImportFormat, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let sound = Array(Self.sound(format).utf8)
        for _ in 0..<1500 {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...6, using: &generator) { Self.damage(&bytes, &generator) }
            let lineCount = bytes.count { $0 == 10 } + 1
            let file = ImportReader.read(bytes, format: format, minimumUID: 1)
            for remark in file.faults + file.skipped {
                #expect((0...lineCount).contains(remark.line))
                #expect(!remark.message.contains(Self.password), "in \(remark.message)")
                #expect(!remark.message.utf8.contains { $0 < 0x20 })
            }
            #expect(file.faults.map(\.line) == file.faults.map(\.line).sorted())
            for record in file.records { #expect((1...lineCount).contains(record.line)) }
        }
    }

    /// Changes, takes out, doubles or cuts off some bytes; what it puts in is mostly what means something in a format.
    static func damage(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        let length = min(Int.random(in: 1...20, using: &generator), bytes.count - place)
        let meaning = Array("\n\r\0 \t,\":;<=+\\#{}$!*xé".utf8)
        let byte =
            Bool.random(using: &generator)
            ? meaning[Int.random(in: 0..<meaning.count, using: &generator)]
            : UInt8.random(in: 0...255, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[place] = byte
        case 1: bytes.insert(byte, at: place)
        case 2: bytes.removeSubrange(place..<(place + length))
        case 3:
            bytes.insert(contentsOf: bytes[place..<(place + length)], at: Int.random(in: 0...place, using: &generator))
        case 4: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &generator))
        default: if Int.random(in: 0..<4, using: &generator) == 0 { bytes.removeSubrange(place...) }
        }
    }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
