import RosterModel
import Testing

@Suite struct UserAttributesTests {
    private func read(_ text: String?) -> UserAttributes {
        var text = text ?? ""
        return text.withUTF8 { UserAttributes(text: $0) }
    }

    private static let values: [[UInt8]] = [
        Array("zhang@example.org".utf8), Array("张伟".utf8), Array(" begins with a blank".utf8), Array("ends ".utf8),
        Array(": colon".utf8),
        Array("<file".utf8), Array("two\nlines".utf8), [0xFF, 0xD8, 0xFF, 0, 10], Array("mail: x".utf8), [0],
        Array("::".utf8),
    ]

    @Test func theirTextGivesThemBack() {
        var attributes = UserAttributes()
        #expect(attributes.text == nil)
        #expect(read("") == attributes)
        for attribute in UserAttribute.standard { attributes[attribute] = Self.values }
        #expect(read(attributes.text) == attributes)
        attributes[.mail] = []
        #expect(read(attributes.text)[.mail] == [])
        #expect(read(attributes.text) == attributes)
    }

    @Test func theTextIsLDIF() {
        var attributes = UserAttributes()
        attributes[.mail] = [Array("a@example.org".utf8), Array("b@example.org".utf8)]
        attributes[.givenName] = [Array(" Wei".utf8)]
        #expect(attributes.text == "givenName:: IFdlaQ==\nmail: a@example.org\nmail: b@example.org\n")
    }

    @Test(arguments: [
        "", "mail", "mail:", "mail: ", "mail: a", ":\n", "mail:: =\n", "mail:: abc\n", "unknown: a\n", "\n\n", ": \n",
        "mail:::\n",
    ])
    func damagedTextIsReadWithoutHarm(text: String) {
        #expect(read(text).present().allSatisfy { $0 == .mail })
    }

    @Test func attributesThatNobodyDeclaresAreKept() {
        let text = "mail: a@example.org\na-b: 2\nprojectCode: x\nprojectCode: y\n"
        var attributes = read("projectCode: x\nmail: a@example.org\nprojectCode: y\na-b: 2\n")
        #expect(attributes.text == text)
        #expect(attributes.names == ["mail", "a-b", "projectCode"])
        #expect(attributes.present() == [.mail])
        #expect(attributes.standardOnly.text == "mail: a@example.org\n")
        attributes[.mail] = []
        #expect(attributes.text == "a-b: 2\nprojectCode: x\nprojectCode: y\n")
    }

    @Test func namesAreKnownInAnyCaseAndByTheirOtherNames() {
        #expect(UserAttribute(name: "MAIL") == .mail)
        #expect(UserAttribute(name: "rfc822mailbox") == .mail)
        #expect(UserAttribute(name: "Surname") == .surname)
        #expect(UserAttribute(name: "sshpublickey") == .sshPublicKey)
        #expect(UserAttribute(name: "") == nil)
        #expect(UserAttribute(name: "uid") == nil)
    }

    private func refusal(_ attribute: UserAttribute, _ value: [UInt8]) -> String? {
        do throws(RosterError) {
            try attribute.check(value)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func valuesAreChecked() {
        #expect(refusal(.mail, Array("a@b".utf8)) == nil)
        #expect(refusal(.mail, []) == "mail: a value is empty")
        #expect(refusal(.mail, Array("a\nb".utf8)) == "mail: holds a control character")
        #expect(refusal(.fullName, [0xFF]) == "cn: is not UTF-8")
        #expect(refusal(.title, Array(repeating: 65, count: 4097)) == "title: is longer than 4096 bytes")
        #expect(refusal(.shadowMax, Array("99999".utf8)) == nil)
        #expect(refusal(.shadowMax, Array("-1".utf8)) == nil)
        for text in ["-2", "1.5", "2147483648", "x", "+1 "] { #expect(refusal(.shadowMax, Array(text.utf8)) != nil) }
        #expect(refusal(.photo, [0xFF, 0xD8, 0xFF, 0xE0]) == nil)
        #expect(refusal(.photo, Array("GIF89a".utf8)) == "jpegPhoto: is no JPEG")
        #expect(refusal(.photo, [0xFF, 0xD8, 0xFF] + Array(repeating: 0, count: 128 << 10)) != nil)
    }

    /// A key as ssh-keygen prints it, made of its parts.
    private func key(_ type: String, inside: String? = nil, _ parts: [[UInt8]], comment: String? = nil) -> String {
        func string(_ bytes: [UInt8]) -> [UInt8] {
            withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { Array($0) } + bytes
        }
        let blob = ([Array((inside ?? type).utf8)] + parts).flatMap(string)
        return [type, String(decoding: Base64.encode(blob), as: UTF8.self), comment].compactMap { $0 }.joined(
            separator: " ")
    }

    @Test func sshKeysAreCheckedInside() throws {
        let ed25519 = key("ssh-ed25519", [Array(repeating: 7, count: 32)], comment: "zhang@laptop of office")
        #expect(try SSHPublicKey(ed25519).comment == "zhang@laptop of office")
        #expect(try SSHPublicKey(ed25519).type == "ssh-ed25519")
        let modulus = [0] + [UInt8](repeating: 0xC1, count: 256)
        #expect(throws: Never.self) { try SSHPublicKey(key("ssh-rsa", [[1, 0, 1], modulus])) }
        for (line, part) in [
            (key("ssh-rsa", [[1, 0, 1], [UInt8](repeating: 0xC1, count: 128)]), "1024 bits"),
            (key("ssh-rsa", [[1, 0, 1]]), "cut short"),
            (key("ssh-ed25519", inside: "ssh-rsa", [[1]]), "another type inside"),
            (key("ssh-ed25519", []), "cut short"),
            (#"command="id" "# + ed25519, "options are not taken"),
            ("ssh-ed25519", "no key in base64"), ("ssh-ed25519 AAAA*", "no key in base64"), ("", "type of a key"),
            (key("ssh-dss", [[1]]), "type of a key"), ("ssh-ed25519 AAAA", "another type"),
            ("ssh-ed25519 /////w==", "another type"),
        ] {
            let error = #expect(throws: RosterError.self) { try SSHPublicKey(line) }
            #expect(error?.message.contains(part) == true, "\(line): \(error?.message ?? "")")
        }
        #expect(
            refusal(.sshPublicKey, Array((ed25519 + "\nssh-rsa x").utf8)) == "sshPublicKey: holds a control character")
    }
}
