import NIOCore

/// A JSON value of a document that is made once. Members keep their order.
enum JSONNode: Sendable, Equatable {
    case object([(name: String, value: JSONNode)])
    case list([JSONNode])
    case text(String)
    case number(Int)
    case boolean(Bool)
    case null

    static func == (left: JSONNode, right: JSONNode) -> Bool { left.indented == right.indented }

    /// This object with further members at its end.
    func with(_ members: KeyValuePairs<String, JSONNode>) -> JSONNode {
        guard case .object(let own) = self else { return self }
        return .object(own + members.map { ($0.key, $0.value) })
    }

    /// The value on lines that are indented by two spaces a level. Lists of plain values and empty objects stand on one
    /// line.
    var indented: String {
        var text = ""
        write(to: &text, indent: "")
        return text
    }

    private func write(to text: inout String, indent: String) {
        switch self {
        case .object(let members) where members.isEmpty: text += "{}"
        case .object(let members):
            let inner = indent + "  "
            var mark = "{\n"
            for (name, value) in members {
                text += "\(mark)\(inner)\(Self.quoted(name)): "
                value.write(to: &text, indent: inner)
                mark = ",\n"
            }
            text += "\n\(indent)}"
        case .list(let values) where values.allSatisfy(\.isPlain):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += ", " }
                value.write(to: &text, indent: indent)
            }
            text += "]"
        case .list(let values):
            let inner = indent + "  "
            var mark = "[\n"
            for value in values {
                text += mark + inner
                value.write(to: &text, indent: inner)
                mark = ",\n"
            }
            text += "\n\(indent)]"
        case .text(let value): text += Self.quoted(value)
        case .number(let value): text += String(value)
        case .boolean(let value): text += value ? "true" : "false"
        case .null: text += "null"
        }
    }

    private var isPlain: Bool {
        switch self {
        case .object, .list: false
        default: true
        }
    }

    private static func quoted(_ text: String) -> String {
        var json = JSONWriter(capacity: text.utf8.count + 16)
        json.string(text)
        return String(buffer: json.buffer)
    }
}

extension JSONNode: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    init(dictionaryLiteral elements: (String, JSONNode)...) { self = .object(elements.map { ($0.0, $0.1) }) }
    init(arrayLiteral elements: JSONNode...) { self = .list(elements) }
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .boolean(value) }
}
