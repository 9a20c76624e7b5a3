import RosterModel
import Testing

@Suite struct NameRuleTests {
    @Test(arguments: ["a", "_x", "zhang-san_9", String(repeating: "x", count: 32)])
    func takesPortableNames(name: String) throws {
        #expect(try NameRule.portable.check(name).text == name)
    }

    @Test(arguments: [
        "", "Zhang", "9a", "-rf", "a.b", "a/../b", "a b", "a\0", "é", String(repeating: "x", count: 33), "root",
        "admin",
        "daemon", "nobody",
    ])
    func refusesOtherNames(name: String) {
        let error = #expect(throws: RosterError.self) { try NameRule.portable.check(name) }
        #expect(error?.code == .nameMalformed)
    }

    @Test func theVendorsRuleIsShorterAndTakesCapitals() throws {
        #expect(try NameRule.vendor.check("Zhang_9").text == "Zhang_9")
        for name in ["toolong99", "a-b", "ROOT", "", "é"] {
            #expect(throws: RosterError.self) { try NameRule.vendor.check(name) }
        }
    }

    @Test(arguments: ["Abcdefghij1!", "A1" + String(repeating: "x", count: 28), "aB3!@#$%^&*()"])
    func takesPasswords(password: String) throws {
        try PasswordRule.standard.check(password)
    }

    @Test(arguments: [
        "", "Short1", "alllowercase1", "ALLUPPERCASE1", "NoDigitsAtAll", "Has Space 1234", "Has-Dash-1234",
        "Quote\"Quote1", "Über-Passwort1", "A1" + String(repeating: "x", count: 29),
    ])
    func refusesPasswordsAndDoesNotShowThem(password: String) {
        let error = #expect(throws: RosterError.self) { try PasswordRule.standard.check(password) }
        #expect(error?.code == .passwordUnacceptable)
        #expect(password.isEmpty || error?.message.contains(password) == false)
    }

    @Test func theVendorsRuleLeavesOutTheDollar() throws {
        try PasswordRule.standard.check("Abcdefghij1$")
        #expect(throws: RosterError.self) { try PasswordRule.vendor.check("Abcdefghij1$") }
    }

    @Test(arguments: PasswordRule.allCases)
    func passwordsThatAreMadeKeepTheRuleAndAreAllDifferent(rule: PasswordRule) throws {
        let made = (0..<1000).map { _ in rule.makePassword() }
        for password in made { try rule.check(password) }
        #expect(Set(made).count == made.count)
    }
}
