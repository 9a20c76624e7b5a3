import ArgumentParser
import Foundation
import RosterModel

/// The options of every command about one or many users of a cluster.
struct UserSelection: ParsableArguments {
    @OptionGroup var cluster: ClusterOption

    @Argument(help: ArgumentHelp("The names of users.", valueName: "name"), completion: .users)
    var usernames: [String] = []

    @Option(help: ArgumentHelp("A file with a name in each line; - is standard input.", valueName: "file"))
    var from: String?

    @Option(help: ArgumentHelp("All members of this group.", valueName: "name"), completion: .groups)
    var group: String?

    @Option(help: "All users in this state: active, locked or expired.")
    var state: String?

    @Option(help: ArgumentHelp("All users whose names hold this, whatever their case.", valueName: "word"))
    var searchWord: String?

    @Flag(help: "Print whom it is about, and change nothing.")
    var dryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Carry out what is not refused, instead of nothing.")
    var skipRefused = false

    /// Above this number a terminal is asked.
    private static let unaskedCount = 10
    /// The most users of one call.
    private static let batchSize = 1000

    private var isQuery: Bool { group != nil || state != nil || searchWord != nil }

    func validate() throws {
        let ways = [!usernames.isEmpty, from != nil, isQuery].count { $0 }
        guard ways == 1 else {
            throw ValidationError("Name users, or give --from, or choose them with --group, --state or --search-word.")
        }
    }

    /// Sends a command about each of the users.
    /// - Parameters:
    ///   - verb: what happens to them, for the question.
    ///   - path: the call about one user, whose name with an `s` is the call about many.
    ///   - members: further members of the body.
    ///   - asksAlways: whether a terminal is asked about a single user, too.
    /// - Throws: `CommandError` if anything is refused.
    func send(
        _ verb: String, _ client: ClientOptions, path: String, members: [String: String?] = [:], note: String = "",
        asksAlways: Bool = false
    ) async throws {
        let connection = try await client.open()
        let clusterID = try await cluster.id(connection)
        let names = try await names(of: clusterID, connection)
        guard !dryRun else {
            for name in names { try Output.line(name) }
            return Output.printDiagnostic("would \(verb) \(names.count) users of \(clusterID)")
        }
        if names.count > Self.unaskedCount || asksAlways { try confirm(verb, names: names, of: clusterID, note: note) }
        guard names.count > 1 || isQuery || from != nil else {
            return try await client.send(
                path, in: cluster, about: ["username": names[0]], members: members)
        }
        var refused = 0
        for start in stride(from: 0, to: names.count, by: Self.batchSize) {
            var body = RequestBody(members.merging(["cluster_id": clusterID]) { $1 })
            body.lists["usernames"] = Array(names[start..<min(start + Self.batchSize, names.count)])
            body.members["on_fault"] = skipRefused ? "skip" : "refuse"
            let response = try await connection.post(path: path + "s", body: body)
            refused += try BatchResponse.print(response)
        }
        guard refused == 0 else { throw CommandError("\(refused) of \(names.count) users were refused") }
    }

    private func names(of clusterID: String, _ client: APIClient) async throws -> [String] {
        if let from { return try InputFile.names(in: from) }
        guard isQuery else { return usernames }
        var names: [String] = []
        while true {
            let parameters: [(name: String, value: String?)] = [
                ("cluster_id", clusterID), ("group_name", group), ("state", state), ("search_word", searchWord),
                ("sort_key", "username"), ("limit", "100"), ("offset", String(names.count)),
            ]
            let body = try await client.get(
                path: "/api/user", parameters: parameters.compactMap { name, value in value.map { (name, $0) } })
            let page = try ResponseEnvelope.decode(UserListResponse.self, from: body)
            names += page.users.compactMap { $0["username"] }
            guard !page.users.isEmpty, names.count < page.totalCount else { break }
        }
        guard !names.isEmpty else { throw CommandError("nobody in \(clusterID) is chosen so") }
        return names
    }

    /// Asks on a terminal; does nothing elsewhere, or with `--yes`.
    private func confirm(_ verb: String, names: [String], of clusterID: String, note: String) throws {
        guard !yes, Output.isTerminal(STDIN_FILENO), Output.isTerminal(STDERR_FILENO) else { return }
        let shown = names.prefix(Self.unaskedCount).map { $0.sanitizedForDisplay() }.joined(separator: ", ")
        let whom =
            names.count == 1
            ? "\(shown) of \(clusterID)"
            : "\(names.count) users of \(clusterID): \(shown)\(names.count > Self.unaskedCount ? ", …" : "")"
        try Output.question("\(verb) \(whom)\(note.isEmpty ? "" : "; \(note)")?")
    }
}

/// The response to a call about many users.
struct BatchResponse: Decodable {
    let done: Int
    let outcomes: [Outcome]

    struct Outcome: Decodable {
        let username: String
        let job: String
        let code: Int
        let message: String
        let uidNumber: String?

        private enum CodingKeys: String, CodingKey {
            case username, message
            case job = "job_id"
            case code = "ret_code"
            case uidNumber = "uid_number"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case done = "done_count"
        case outcomes = "outcome_set"
    }

    /// Prints what was refused, and how many were done.
    /// - Returns: how many were refused.
    static func print(_ body: [UInt8]) throws -> Int {
        let response = try ResponseEnvelope.decode(Self.self, from: body)
        for outcome in response.outcomes where outcome.code != 0 {
            Output.printDiagnostic(
                "\(outcome.username.sanitizedForDisplay()): \(outcome.message.sanitizedForDisplay(limit: 500)) (\(outcome.code))"
            )
        }
        try Output.line("done: \(response.done)\(response.outcomes.first.map { ", first job \($0.job)" } ?? "")")
        return response.outcomes.count - response.done
    }
}
