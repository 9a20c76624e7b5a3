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
func list<Response: TableResponse>(
    _ type: Response.Type, path: String, _ client: ClientOptions, _ page: PageOptions,
    _ parameters: [(name: String, value: String?)]
) async throws {
    let given = (parameters + page.parameters).compactMap { name, value in value.map { (name: name, value: $0) } }
    let body = try await client.open().get(path: path, parameters: given)
    if page.json { try Output.raw(String(decoding: body, as: UTF8.self) + "\n") }
    let response = try ResponseEnvelope.decode(Response.self, from: body)
    guard !page.json else { return }
    var table = Table(Response.columns)
    for row in response.rows { table.add(row.cells(of: Response.columns)) }
    try Output.raw(table.text)
    Output.printDiagnostic("\(response.rows.count) of \(response.totalCount)")
}

/// A response that can be shown as a table.
protocol TableResponse: Decodable {
    static var columns: [String] { get }
    var totalCount: Int { get }
    var rows: [ResponseRow] { get }
}
