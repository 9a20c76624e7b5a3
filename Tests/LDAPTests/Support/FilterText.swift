import RosterModel

extension RequestMessage.Filter {
    /// Reads the text of RFC 4515, as far as the filters of clients use it; nil where it is malformed.
    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        guard let filter = Self.read(&rest), rest.isEmpty else { return nil }
        self = filter
    }

    private static func read(_ rest: inout ArraySlice<UInt8>) -> Self? {
        guard rest.popFirst() == UInt8(ascii: "("), let kind = rest.first else { return nil }
        let filter: Self?
        switch kind {
        case UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "!"):
            rest = rest.dropFirst()
            var parts: [Self] = []
            while rest.first == UInt8(ascii: "(") {
                guard let part = read(&rest) else { return nil }
                parts.append(part)
            }
            filter =
                kind == UInt8(ascii: "&")
                ? .and(parts) : kind == UInt8(ascii: "|") ? .or(parts) : parts.first.map { .not($0) }
        default:
            let item = rest.prefix { $0 != UInt8(ascii: ")") }
            rest = rest.dropFirst(item.count)
            filter = Self.item(item)
        }
        return rest.popFirst() == UInt8(ascii: ")") ? filter : nil
    }

    private static func item(_ item: ArraySlice<UInt8>) -> Self? {
        guard let equals = item.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        var description = String(decoding: item[..<equals], as: UTF8.self)
        let value = item[(equals + 1)...]
        switch description.popLast() {
        case ">": return .atLeast(description, unescaped(value))
        case ":":
            let parts = description.split(separator: ":").map(String.init)
            return parts.count == 2 ? .rule(parts[1], parts[0], unescaped(value)) : nil
        case let last?: description.append(last)
        case nil: return nil
        }
        let pieces = value.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(unescaped)
        guard pieces.count > 1, let first = pieces.first, let last = pieces.last else {
            return .equal(description, unescaped(value))
        }
        let between = pieces.dropFirst().dropLast().filter { !$0.isEmpty }
        return first.isEmpty && last.isEmpty && between.isEmpty
            ? .present(description) : .pieces(description, initial: first, any: between, final: last)
    }

    private static func unescaped(_ value: ArraySlice<UInt8>) -> String {
        var (bytes, rest) = ([UInt8](), value)
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
