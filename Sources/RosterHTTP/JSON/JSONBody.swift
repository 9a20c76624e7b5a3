import RosterModel

/// The members of a call's body: one JSON object (RFC 8259).
///
/// Foundation's parser accepts a duplicate member and picks one of the two, but the effect of a signed command must not
/// depend on which. This parser rejects duplicate names and limits the depth.
struct JSONBody {
    enum Value: Equatable {
        case string(String)
        /// The number as written.
        case number(String)
        case boolean(Bool)
        case null
        case list([Value])
        case object([String: Value])
    }

    private(set) var members: [String: Value] = [:]

    private static let maximumDepth = 16
    private static let maximumMembers = 64
    private static let maximumNames = 1000

    /// The members of an object within a body.
    init(members: [String: Value]) {
        self.members = members
    }

    /// - Throws: `invalidParameter` for `body` if it is empty, not UTF-8, not a single JSON object, too deep, or has
    ///   more than 64 members or a duplicate one.
    init(_ bytes: [UInt8]) throws(RosterError) {
        guard !bytes.isEmpty else { throw .invalid("body", "is missing") }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .invalid("body", "is not UTF-8") }
        var reader = Reader(rest: bytes[...])
        try reader.skip("{", orFail: "is not a JSON object")
        members = try reader.members(depth: 1)
        guard reader.isAtEnd else { throw .invalid("body", "goes on after the JSON object") }
    }

    /// The text of a required member.
    /// - Throws: `invalidParameter` if it is missing, empty or not a string.
    func required(_ name: String) throws(RosterError) -> String {
        guard let text = try optional(name) else { throw .invalid(name, "is missing") }
        return text
    }

    /// The text of a member; nil if it is absent, null or empty.
    /// - Throws: `invalidParameter` if it is not a string.
    func optional(_ name: String) throws(RosterError) -> String? {
        switch members[name] {
        case nil, .null: return nil
        case .string(let text): return text.isEmpty ? nil : text
        default: throw .invalid(name, "is not a string")
        }
    }

    /// A list of names; empty if it is absent or null.
    /// - Throws: `invalidParameter` if it is not a list of strings, if one of them is empty or longer than 256 bytes,
    ///   or if there are more than 1000.
    func names(_ name: String) throws(RosterError) -> [String] {
        try texts(name, maximumCount: Self.maximumNames, maximumBytes: 256)
    }

    /// A list of texts; empty if it is absent or null.
    /// - Throws: `invalidParameter` if it is not a list of strings, if one of them is empty or too long, or if there
    ///   are too many.
    func texts(_ name: String, maximumCount: Int, maximumBytes: Int) throws(RosterError) -> [String] {
        let values: [Value]
        switch members[name] {
        case nil, .null: return []
        case .list(let list): values = list
        default: throw .invalid(name, "is not a list of names")
        }
        guard values.count <= maximumCount else { throw .invalid(name, "names more than \(maximumCount)") }
        return try values.map { value throws(RosterError) in
            guard case .string(let text) = value, !text.isEmpty else { throw .invalid(name, "is not a list of names") }
            guard text.utf8.count <= maximumBytes else {
                throw .invalid(name, "holds a name that is longer than \(maximumBytes) bytes")
            }
            return text
        }
    }

    /// A POSIX number: a string as in responses, or a JSON number. Nil if it is absent.
    /// - Throws: `invalidParameter` if it is anything else.
    func posixNumber(_ name: String) throws(RosterError) -> UInt32? {
        if case .number(let text) = members[name] { return try User.posixNumber(text, name: name) }
        guard let text = try optional(name) else { return nil }
        return try User.posixNumber(text, name: name)
    }

    /// Whether a flag is `1`; false if it is `0` or absent.
    /// - Throws: `invalidParameter` for any other text.
    func flag(_ name: String) throws(RosterError) -> Bool {
        switch try optional(name) {
        case nil, "0": false
        case "1": true
        default: throw .invalid(name, "must be 0 or 1")
        }
    }

    /// The value for one of a few words; nil if it is absent.
    /// - Throws: `invalidParameter` that lists them.
    func choice<Value: CaseIterable & RawRepresentable<String>>(
        _ name: String, _ type: Value.Type
    ) throws(RosterError) -> Value? {
        guard let text = try optional(name) else { return nil }
        let values = Value.allCases.map { (key: $0.rawValue, value: $0) }
        return try ParameterParsing.choice(text, name: name, among: values)
    }

    /// A member that the query may repeat but not contradict.
    /// - Throws: `invalidParameter` if it is in neither, or if the two differ.
    func agreeing(_ name: String, with request: SignedRequest) throws(RosterError) -> String {
        let inQuery = request[name].flatMap { $0.isEmpty ? nil : $0 }
        guard let inBody = try optional(name) else {
            guard let inQuery else { throw .invalid(name, "is missing") }
            return inQuery
        }
        if let inQuery, inQuery != inBody { throw .invalid(name, "is another one in the query than in the body") }
        return inBody
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        private mutating func skipSpace() {
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        }

        var isAtEnd: Bool {
            mutating get {
                skipSpace()
                return rest.isEmpty
            }
        }

        mutating func skip(_ mark: Unicode.Scalar) -> Bool {
            skipSpace()
            guard rest.first == UInt8(ascii: mark) else { return false }
            rest = rest.dropFirst()
            return true
        }

        mutating func skip(_ mark: Unicode.Scalar, orFail fault: String) throws(RosterError) {
            guard skip(mark) else { throw .invalid("body", fault) }
        }

        /// The members of an object whose opening brace was read.
        mutating func members(depth: Int) throws(RosterError) -> [String: Value] {
            var members: [String: Value] = [:]
            if skip("}") { return members }
            repeat {
                let name = try string()
                try skip(":", orFail: "is not JSON")
                guard members[name] == nil else { throw .invalid(name.sanitizedForDisplay(), "is present twice") }
                guard members.count < JSONBody.maximumMembers else {
                    throw .invalid("body", "has an object of more than \(JSONBody.maximumMembers) members")
                }
                members[name] = try value(depth: depth)
            } while skip(",")
            try skip("}", orFail: "is not JSON")
            return members
        }

        mutating func value(depth: Int) throws(RosterError) -> Value {
            guard depth <= JSONBody.maximumDepth else { throw .invalid("body", "is nested too deeply") }
            skipSpace()
            switch rest.first {
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "{"):
                _ = skip("{")
                return .object(try members(depth: depth + 1))
            case UInt8(ascii: "["):
                _ = skip("[")
                if skip("]") { return .list([]) }
                var values: [Value] = []
                repeat { values.append(try value(depth: depth + 1)) } while skip(",")
                try skip("]", orFail: "is not JSON")
                return .list(values)
            default: return try word()
            }
        }

        /// Parses true, false, null or a number.
        private mutating func word() throws(RosterError) -> Value {
            let word = rest.prefix { byte in
                byte.isASCIILetterOrDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
                    || byte == UInt8(ascii: ".")
            }
            rest = rest[word.endIndex...]
            let text = String(decoding: word, as: UTF8.self)
            switch text {
            case "true": return .boolean(true)
            case "false": return .boolean(false)
            case "null": return .null
            default:
                guard Self.isNumber(word) else { throw .invalid("body", "is not JSON") }
                return .number(text)
            }
        }

        /// Whether the bytes are a number as defined in RFC 8259 section 6.
        private static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
            var rest = bytes
            /// Takes digits; false if there are none.
            func takeDigits() -> Bool {
                let digits = rest.prefix(while: \.isDigit)
                rest = rest[digits.endIndex...]
                return !digits.isEmpty
            }
            if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
            if rest.first == UInt8(ascii: "0") {
                rest.removeFirst()
            } else if !takeDigits() {
                return false
            }
            if rest.first == UInt8(ascii: ".") {
                rest.removeFirst()
                guard takeDigits() else { return false }
            }
            if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
                rest.removeFirst()
                if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
                guard takeDigits() else { return false }
            }
            return rest.isEmpty
        }

        mutating func string() throws(RosterError) -> String {
            try skip("\"", orFail: "is not JSON")
            var bytes: [UInt8] = []
            while let byte = rest.popFirst() {
                switch byte {
                case UInt8(ascii: "\""):
                    // A lone surrogate can only come from an escape and is not text.
                    guard let text = String(validating: bytes, as: UTF8.self) else {
                        throw .invalid("body", "is not JSON")
                    }
                    return text
                case UInt8(ascii: "\\"): try escape(into: &bytes)
                case 0..<0x20: throw .invalid("body", "is not JSON")
                default: bytes.append(byte)
                }
            }
            throw .invalid("body", "is not JSON")
        }

        private mutating func escape(into bytes: inout [UInt8]) throws(RosterError) {
            switch rest.popFirst() {
            case UInt8(ascii: "\""): bytes.append(UInt8(ascii: "\""))
            case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "/"): bytes.append(UInt8(ascii: "/"))
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "u"):
                let first = try unit()
                var units = [first]
                if UTF16.isLeadSurrogate(first), rest.starts(with: "\\u".utf8) {
                    rest = rest.dropFirst(2)
                    units.append(try unit())
                }
                guard let text = String(validating: units, as: UTF16.self) else {
                    throw .invalid("body", "is not JSON")
                }
                bytes.append(contentsOf: text.utf8)
            default: throw .invalid("body", "is not JSON")
            }
        }

        private mutating func unit() throws(RosterError) -> UInt16 {
            let digits = rest.prefix(4)
            guard digits.count == 4, digits.allSatisfy(\.isASCIILetterOrDigit),
                let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw .invalid("body", "is not JSON") }
            rest = rest.dropFirst(4)
            return unit
        }
    }
}
