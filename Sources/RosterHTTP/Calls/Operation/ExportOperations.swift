import HTTPTypes
import RosterDirectory
import RosterModel
import RosterStore

/// `GET /api/operation/events`: the events of the operation log as they are chained, for keeping them elsewhere. An
/// addition to the vendor's API.
struct ExportOperations: StoreCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/operation/events"
    static let action = "HpcOperationEventsResponse"
    static let summary = "Exports the events of the operation log with the codes of their chain."
    static let access = CallAccess.globalAdministrator
    static let parameters =
        [
            .zone,
            ParameterDescription(
                "after", .integer(0...Int.max), default: "0", example: "0",
                meaning: "Only events after the one of this number."),
            ParameterDescription(
                "limit", .integer(0...Int.max), default: "1000", example: "10",
                meaning: "The most events; more than 1000 count as 1000."),
        ]

    static let answer = [
        AnswerMember(
            "event_set",
            .list(
                .named(
                    "Event",
                    [
                        AnswerMember("action", .text, meaning: "The kind of job, such as AddUser."),
                        AnswerMember("clusters", .list(.clusterID), meaning: "The clusters that it is about."),
                        AnswerMember("code", .text, meaning: "The code of the chain, in hexadecimal."),
                        AnswerMember("error", .optional(.text), meaning: "Why it failed, in one word; else null."),
                        AnswerMember("job_id", .jobID, meaning: "The job of the event."),
                        AnswerMember("message", .text, meaning: "What was done, and with which outcome."),
                        AnswerMember("origin", .text, meaning: "An address, or local."),
                        AnswerMember(
                            "owner", .optional(.accountID), meaning: "The account that asked for it; null if none did."),
                        AnswerMember("resources", .list(.text), meaning: "What the job is about."),
                        AnswerMember("sequence", .integer, meaning: "The number of the event, from 1."),
                        AnswerMember(
                            "status", .choice(OperationEvent.Status.allCases.map(\.rawValue)),
                            meaning: "How far the job was."),
                        AnswerMember("submitter", .text, meaning: "The key, or the user of the local command line."),
                        AnswerMember("time", .time, meaning: "When it happened."),
                    ])),
            meaning: "The events in their order.")
    ]

    /// The most events of one response.
    static let maximumLimit = 1000

    let directory: Directory

    /// - Throws: `invalidParameter` for a malformed number; `permissionDenied` unless the key is a global
    ///   administrator's; `busy` if the store, which holds the log, cannot be reached.
    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> [LoggedEvent] {
        let parameters = CallParameters(request.request)
        let after = try parameters.count("after") ?? 0
        let limit = min(try parameters.count("limit") ?? Self.maximumLimit, Self.maximumLimit)
        try request.actor.authorization.requireGlobalAdmin()
        do throws(StoreError) {
            return try await directory.events(after: Int64(after), limit: limit)
        } catch {
            throw error.clientError
        }
    }

    func write(_ events: [LoggedEvent], to json: inout JSONWriter) {
        json.key("event_set")
        json.array { json in
            for event in events { event.write(to: &json) }
        }
    }
}

extension LoggedEvent {
    /// The event with every field that its code covers.
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("action")
            json.string(event.action)
            json.key("clusters")
            json.array { json in
                for cluster in event.clusters { json.string(cluster.text) }
            }
            json.key("code")
            json.string(Hex.text(code))
            json.key("error")
            if let error = event.error { json.string(error.rawValue) } else { json.null() }
            json.key("job_id")
            json.string(event.job.text)
            json.key("message")
            json.string(event.message)
            json.key("origin")
            json.string(event.origin)
            json.key("owner")
            if let owner = event.owner { json.string(owner.text) } else { json.null() }
            json.key("resources")
            json.array { json in
                for resource in event.resources { json.string(resource) }
            }
            json.key("sequence")
            json.number(Int(sequence))
            json.key("status")
            json.string(event.status.rawValue)
            json.key("submitter")
            json.string(event.submitter)
            json.key("time")
            json.string(event.time.iso8601)
        }
    }
}
