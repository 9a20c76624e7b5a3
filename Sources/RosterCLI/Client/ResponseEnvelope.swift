import Foundation
import RosterModel

/// The members that every response of the API has.
struct ResponseEnvelope: Decodable {
    let action: String
    let returnCode: Int
    let message: String?

    enum CodingKeys: String, CodingKey {
        case action
        case returnCode = "ret_code"
        case message
    }

    /// - Throws: `CommandError` with the server's message if the call failed.
    static func decode<Response: Decodable>(_ type: Response.Type, from body: [UInt8]) throws -> Response {
        let decoder = JSONDecoder()
        guard let response = try? decoder.decode(ResponseEnvelope.self, from: Data(body)) else {
            throw CommandError("the answer is not one of the E-HPC API: is it a Roster server?")
        }
        guard response.returnCode == 0 else {
            throw CommandError(
                "\(TypedFlag.message(response.message ?? "no reason given").sanitizedForDisplay(limit: 500)) "
                    + "(\(response.returnCode))")
        }
        guard let full = try? decoder.decode(type, from: Data(body)) else {
            throw CommandError("the answer \(response.action.sanitizedForDisplay()) lacks what it should hold")
        }
        return full
    }
}
