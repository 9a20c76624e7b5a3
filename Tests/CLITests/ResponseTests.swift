import Testing

@testable import RosterCLI

@Suite struct ResponseTests {
    @Test func aJobIsReadFromAnAnswer() throws {
        let body = Array(#"{"action":"AddUserResponse","ret_code":0,"job_id":"j-1","other":[1]}"#.utf8)
        #expect(try ResponseEnvelope.decode(JobResponse.self, from: body).job == "j-1")
    }

    @Test(arguments: [
        ("", "is it a Roster server?"), ("<html>", "is it a Roster server?"), ("[]", "is it a Roster server?"),
        ("\u{FEFF}{", "is it a Roster server?"), (#"{"action":"A","ret_code":"0"}"#, "is it a Roster server?"),
        (#"{"action":"A","ret_code":0}"#, "lacks what it should hold"),
        (#"{"action":"A","ret_code":0,"job_id":1}"#, "lacks what it should hold"),
        (#"{"action":"A","ret_code":1200,"message":"no\u001b[2J"}"#, "no?[2J (1200)"),
        (#"{"action":"A","ret_code":1200}"#, "no reason given (1200)"),
    ])
    func whatIsNoAnswerIsRefusedWithoutSteeringTheTerminal(body: String, told: String) throws {
        let error = #expect(throws: CommandError.self) {
            _ = try ResponseEnvelope.decode(JobResponse.self, from: Array(body.utf8))
        }
        #expect(error?.description.contains(told) == true)
    }

    @Test func aRowShowsWhatItHasAndADashForTheRest() throws {
        let body = Array(
            #"{"action":"A","ret_code":0,"total_count":1,"user_set":[{"a":"x","b":"","c":null,"d":true,"e":["p","q"],"f":{}}]}"#
                .utf8)
        let response = try ResponseEnvelope.decode(UserListResponse.self, from: body)
        #expect(response.totalCount == 1)
        #expect(
            response.users[0].cells(of: ["a", "b", "c", "d", "e", "f", "g"]) == ["x", "-", "-", "yes", "p,q", "-", "-"])
    }

    @Test func aListIsReadUnderEitherName() throws {
        let body = Array(#"{"action":"A","ret_code":0,"total_count":0,"users_set":[]}"#.utf8)
        #expect(try ResponseEnvelope.decode(UserListResponse.self, from: body).users.isEmpty)
    }
}
