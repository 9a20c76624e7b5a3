import RosterModel

/// An element of a response's list: its members as text, for a table; lists of names are joined by commas.
struct ResponseRow: Decodable {
    private let members: [String: String]

    init(from decoder: any Decoder) throws {
        let values = try [String: Member](from: decoder)
        members = values.compactMapValues(\.text)
    }

    /// The members named `columns`; `-` for members that are null, empty or absent.
    func cells(of columns: [String]) -> [String] {
        columns.map { column in members[column].flatMap { $0.isEmpty ? nil : $0 } ?? "-" }
    }

    subscript(name: String) -> String? { members[name] }

    private struct Member: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let isSo = try? value.decode(Bool.self) {
                text = isSo ? "yes" : "no"
            } else if let names = try? value.decode([String].self) {
                text = names.joined(separator: ",")
            } else {
                text = try? value.decode(String.self)
            }
        }
    }
}
