import Foundation
import RosterModel

/// The members that every response of the API has.
struct APIAnswer: Decodable {
    let action: String
    let returnCode: Int
    let message: String?

    enum CodingKeys: String, CodingKey {
        case action
        case returnCode = "ret_code"
        case message
    }

    /// - Throws: `CommandError` with the server's message if the call failed.
    static func decode<Answer: Decodable>(_ type: Answer.Type, from body: [UInt8]) throws -> Answer {
        let decoder = JSONDecoder()
        guard let answer = try? decoder.decode(APIAnswer.self, from: Data(body)) else {
            throw CommandError("the answer is not one of the E-HPC API: is it a Roster server?")
        }
        guard answer.returnCode == 0 else {
            throw CommandError(
                "\((answer.message ?? "no reason given").sanitizedForDisplay(limit: 500)) (\(answer.returnCode))")
        }
        guard let full = try? decoder.decode(type, from: Data(body)) else {
            throw CommandError("the answer \(answer.action.sanitizedForDisplay()) lacks what it should hold")
        }
        return full
    }
}
