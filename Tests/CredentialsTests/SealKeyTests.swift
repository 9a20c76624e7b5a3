import Foundation
import RosterCredentials
import RosterModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct SealKeyTests {
    private let key = SealKey(bytes: Array(0..<32))

    @Test func opensWhatItSealed() throws {
        let sealed = try key.seal([1, 2, 3], of: "A")
        #expect(try key.open(sealed, of: "A") == [1, 2, 3])
        #expect(try key.seal([1, 2, 3], of: "A") != sealed, "the nonce is random")
    }

    @Test func aSecretOpensOnlyAsItsOwners() throws {
        let sealed = try key.seal([1, 2, 3], of: "A")
        #expect(throws: RosterError.self) { try key.open(sealed, of: "B") }
    }

    @Test func aChangedByteIsNoticed() throws {
        let sealed = try key.seal([1, 2, 3], of: "A")
        for index in sealed.bytes.indices {
            var bytes = sealed.bytes
            bytes[index] ^= 1
            #expect(throws: RosterError.self) { try key.open(SealedSecret(keyVersion: 1, bytes: bytes), of: "A") }
        }
        #expect(throws: RosterError.self) { try key.open(SealedSecret(keyVersion: 2, bytes: sealed.bytes), of: "A") }
        #expect(throws: RosterError.self) { try key.open(SealedSecret(keyVersion: 1, bytes: []), of: "A") }
    }

    @Test func theChainDependsOnEverythingBefore() {
        let first = key.code(after: [], of: [1])
        #expect(first.count == 32)
        #expect(key.code(after: first, of: [2]) != key.code(after: [], of: [2]))
        #expect(SealKey(bytes: Array(1..<33)).code(after: [], of: [1]) != first)
    }

    @Test func doesNotShowItself() {
        var dumped = ""
        dump(key, to: &dumped)
        #expect(dumped.contains("version 1") && !dumped.contains("sealing"))
    }

    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("roster-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.appendingPathComponent("seal.key").path)
    }

    @Test func theFileIsMadeOnceAndReadByItsOwnerOnly() throws {
        try inFolder { path in
            let made = try SealKeyFile.openOrMake(at: path)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let sealed = try made.seal([1], of: "A")
            #expect(try SealKeyFile.openOrMake(at: path).open(sealed, of: "A") == [1])
            let folder = (path as NSString).deletingLastPathComponent
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["seal.key"])
        }
    }

    @Test func aFileThatOthersMayReadIsRefused() throws {
        try inFolder { path in
            _ = try SealKeyFile.openOrMake(at: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
            let fault = #expect(throws: SealKeyFile.SealKeyFileError.self) { try SealKeyFile.openOrMake(at: path) }
            #expect(fault?.description.contains("chmod 600") == true)
        }
    }

    @Test(arguments: [
        (0o600, "/etc/roster/seal.key", nil, false), (0o400, "/etc/roster/seal.key", nil, false),
        (0o440, "/etc/roster/seal.key", nil, true),
        (0o440, "/etc/roster/seal.key", "/run/credentials/roster.service", true),
        (0o440, "/run/credentials/roster.service/seal.key", "/run/credentials/roster.service", false),
        (0o444, "/run/credentials/roster.service/seal.key", "/run/credentials/roster.service", true),
        (0o460, "/run/credentials/roster.service/seal.key", "/run/credentials/roster.service", true),
        (0o440, "/run/credentials/roster.service/../seal.key", "/run/credentials/roster.service", true),
        (0o440, "/run/credentials/roster.service2/seal.key", "/run/credentials/roster.service", true),
        (0o440, "/seal.key", "", true),
    ])
    func aCredentialOfTheServiceMayHaveAnAccessList(mode: UInt32, path: String, credentials: String?, isShared: Bool) {
        #expect(SealKeyFile.isShared(mode: mode, path: path, credentials: credentials) == isShared)
    }

    @Test(arguments: ["", "x", "roster-seal-key 1 AAAA\n", "roster-seal-key x \(String(repeating: "A", count: 43))=\n"])
    func aFileOfAnotherFormIsRefused(text: String) throws {
        try inFolder { path in
            #expect(
                FileManager.default.createFile(
                    atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
            #expect(throws: SealKeyFile.SealKeyFileError.self) { try SealKeyFile.openOrMake(at: path) }
        }
    }
}
