/// An element of an answer's list: its members as text, for a table.
struct AnswerRow: Decodable {
    private let members: [String: String]

    init(from decoder: any Decoder) throws {
        let values = try [String: Member](from: decoder)
        members = values.compactMapValues(\.text)
    }

    /// The members called `columns`; `-` for what is null, empty or not there.
    func cells(of columns: [String]) -> [String] {
        columns.map { column in members[column].flatMap { $0.isEmpty ? nil : $0 } ?? "-" }
    }

    subscript(name: String) -> String? { members[name] }

    private struct Member: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            text = try? decoder.singleValueContainer().decode(String.self)
        }
    }
}
