import RosterModel
import Testing

@Suite struct RosterErrorTests {
    @Test(arguments: ["access_key_id", "username", "group_name", "cluster_id", "zone", "password", "limit", "", "a: b"])
    func aParameterIsNamedAsTheAPINamesIt(name: String) {
        let error = RosterError.invalid(name, "is missing")
        #expect(error.subject?.parameter == name)
        #expect(error.message == "\(name): is missing")
    }

    @Test func anErrorThatWasReadBackEqualsTheOneThatWasWritten() {
        let written = RosterError(.noSuchUser, .user, "no user x")
        let read = RosterError(written.code, written.message)
        #expect(read == written)
        #expect(read.subject == nil)
        #expect(read != RosterError(.notFound, .user, "no user x"))
        #expect(RosterError(.noSuchUser, .group, "no user x") != written)
    }

    @Test func wrongKeysAndWrongSignaturesAreNotToldApart() {
        #expect(Authorization.notAuthenticated.subject == .credentials)
        #expect(Authorization.notAuthenticated.message.hasPrefix("access_key_id or signature: "))
    }
}
