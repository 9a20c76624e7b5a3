import ArgumentParser

/// The options of every list: which page, and in which form.
struct PageOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "How many a page has, at most 100; default 10.")
    var limit: String?

    @Option(parsing: .unconditional, help: "How many to pass over.")
    var offset: String?

    @Flag(help: "Turn the order round.")
    var reverse = false

    @Flag(help: "Follow the pages to the end.")
    var all = false

    @Flag(help: "Print the answer as it came; with --all, each on a line of its own.")
    var json = false

    /// The same page of a list whose order the command turns round itself.
    var reversed: PageOptions {
        var page = self
        page.reverse.toggle()
        return page
    }

    var parameters: [(name: String, value: String?)] {
        [("limit", limit ?? (all ? "100" : nil)), ("offset", offset), ("reverse", reverse ? "1" : nil)]
    }
}

/// Requests one page of a list, or with `--all` this page and all after it, and prints it.
func list<Response: TableResponse>(
    _ type: Response.Type, path: String, by client: ClientOptions, page: PageOptions,
    parameters: [(name: String, value: String?)]
) async throws {
    let connection = try await client.open()
    var page = page
    var table = Table(Response.columns)
    // A row that is added meanwhile moves others to the next page, where they come again.
    var seen: Set<[String]> = []
    while true {
        let given = (parameters + page.parameters).compactMap { name, value in value.map { (name: name, value: $0) } }
        let body = try await connection.get(path: path, parameters: given)
        if page.json { try Output.raw(String(decoding: body, as: UTF8.self) + "\n") }
        let response = try ResponseEnvelope.decode(Response.self, from: body)
        for row in response.rows where seen.insert(row.cells(of: Response.identity)).inserted || !page.all {
            table.add(row.cells(of: Response.columns))
        }
        let next = (page.offset.flatMap { Int($0) } ?? 0) + response.rows.count
        guard page.all, !response.rows.isEmpty, next < response.totalCount else {
            guard !page.json else { return }
            try Output.raw(table.text)
            return Output.printDiagnostic("\(table.count) of \(response.totalCount)")
        }
        page.offset = String(next)
    }
}

/// A response that can be shown as a table.
protocol TableResponse: Decodable {
    static var columns: [String] { get }
    /// The members that tell a row from every other.
    static var identity: [String] { get }
    var totalCount: Int { get }
    var rows: [ResponseRow] { get }
}

extension TableResponse {
    static var identity: [String] { columns }
}
