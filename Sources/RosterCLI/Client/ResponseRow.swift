import RosterModel

/// An element of a response's list: its members as text, for a table; lists of names are joined by commas.
struct ResponseRow: Decodable {
    private let members: [String: String]
    /// The names of all members, of those without a value too.
    private let names: [String]

    init(from decoder: any Decoder) throws {
        let values = try [String: Member](from: decoder)
        members = values.compactMapValues(\.text)
        names = values.keys.sorted()
    }

    /// The members named `columns`; `-` for members that are null, empty or absent.
    func cells(of columns: [String]) -> [String] {
        columns.map { column in members[column].flatMap { $0.isEmpty ? nil : $0 } ?? "-" }
    }

    /// Prints each member on a line of its own, in the order of their names.
    func printMembers() throws {
        let width = names.map(\.count).max() ?? 0
        for (name, value) in zip(names, cells(of: names)) {
            let gap = String(repeating: " ", count: width - name.count + 2)
            try Output.line("\(name)\(gap)\(value.sanitizedForDisplay(limit: 4096))")
        }
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
            } else if let number = try? value.decode(Int.self) {
                text = String(number)
            } else {
                text = try? value.decode(String.self)
            }
        }
    }
}
