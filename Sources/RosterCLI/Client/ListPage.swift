import ArgumentParser

/// The options of every list: which page, and in which form.
struct PageOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "How many a page has, at most 100; default 10.")
    var limit: String?

    @Option(parsing: .unconditional, help: "How many to pass over.")
    var offset: String?

    @Flag(help: "Turn the order round.")
    var reverse = false

    @Flag(help: "Print the answer as it came.")
    var json = false

    var parameters: [(name: String, value: String?)] {
        [("limit", limit), ("offset", offset), ("reverse", reverse ? "1" : nil)]
    }
}

/// Requests one page of a list and prints it.
func list<Answer: TableAnswer>(
    _ type: Answer.Type, path: String, _ client: ClientOptions, _ page: PageOptions,
    _ parameters: [(name: String, value: String?)]
) async throws {
    let given = (parameters + page.parameters).compactMap { name, value in value.map { (name: name, value: $0) } }
    let body = try await client.open().get(path: path, parameters: given)
    if page.json { try Output.raw(String(decoding: body, as: UTF8.self) + "\n") }
    let answer = try APIAnswer.decode(Answer.self, from: body)
    guard !page.json else { return }
    var table = Table(Answer.columns)
    for row in answer.rows { table.add(row.cells(of: Answer.columns)) }
    try Output.raw(table.text)
    Output.printDiagnostic("\(answer.rows.count) of \(answer.totalCount)")
}

/// A response that can be shown as a table.
protocol TableAnswer: Decodable {
    static var columns: [String] { get }
    var totalCount: Int { get }
    var rows: [AnswerRow] { get }
}
