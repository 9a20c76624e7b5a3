import RosterModel

/// A parsed line of LDIF: `attrval-spec` of RFC 2849.
struct LDIFAttribute {
    /// Nil if Roster does not read the attribute.
    let name: LDIFName?
    /// The name as in the line, with all options except those of replication.
    let description: ArraySlice<UInt8>
    /// Why the value is omitted; nil if it is not.
    let omission: String?
    /// Whether trailing spaces were dropped: a value that ends with spaces must be in Base64.
    let hadTrailingBlanks: Bool
    /// Whether the name has options (`;lang-zh`) other than those of replication.
    let hasOptions: Bool
    /// Whether the server stores the value only to tell its replicas that it was deleted (389-DS).
    let isDeleted: Bool
    /// The value, decoded if it was Base64.
    let value: ArraySlice<UInt8>

    /// Parses a line.
    /// - Parameter catalog: the attributes that users can have.
    /// - Throws: what is wrong with the line; the message quotes nothing except names that Roster reads.
    init(_ line: LDIFLines.Line, in catalog: AttributeCatalog = .standard) throws(LDIFError) {
        if let fault = line.fault { throw fault }
        let content = line.content
        guard content.first != UInt8(ascii: " ") else {
            throw LDIFError(line: line.number, "a continuation line without a line that it continues")
        }
        var colon = content.startIndex
        var firstOption: Int?
        while colon < content.endIndex, content[colon].isAttributeCharacter {
            if firstOption == nil, content[colon] == UInt8(ascii: ";") { firstOption = colon }
            colon += 1
        }
        guard colon < content.endIndex, content[colon] == UInt8(ascii: ":") else {
            throw content.contains(UInt8(ascii: ":"))
                ? LDIFError(line: line.number, "no attribute's name before the colon")
                : LDIFError(line: line.number, "no colon: not of the form 'attribute: value'")
        }
        let base = content[..<(firstOption ?? colon)]
        guard !base.isEmpty else { throw LDIFError(line: line.number, "no attribute's name before the colon") }
        name = LDIFName(base, in: catalog)
        let options = firstOption.map { content[$0..<colon].split(separator: UInt8(ascii: ";")) } ?? []
        isDeleted = options.contains { option in
            ["deleted", "deletedattribute"].contains { option.equalsIgnoringASCIICase($0.utf8) }
        }
        let kept = options.filter { !Self.isOfReplication($0) }
        hasOptions = !kept.isEmpty
        description =
            kept.count == options.count
            ? content[..<colon] : base + kept.flatMap { [UInt8(ascii: ";")] + $0 }
        // Attributes that are not read may have any size; those that are read may not, folded or not.
        let isTooLong = name != nil && content.count > TextLines.maximumBytes
        // A user can be imported without a photo, but not without a number.
        let isOptional = name?.isOfPerson ?? true
        guard isOptional || !isTooLong else { throw Self.fault(line.number, of: name, TextError.tooLong) }
        guard !isTooLong else {
            (value, omission, hadTrailingBlanks) = ([], TextError.tooLong, false)
            return
        }

        let rest = content[(colon + 1)...]
        switch rest.first {
        case UInt8(ascii: ":"):
            let text = rest.dropFirst().trimmingSpaces()
            guard let decoded = Base64.decode(text) else {
                throw Self.fault(line.number, of: name, "the base64 is cut short or invalid")
            }
            value = decoded[...]
            (omission, hadTrailingBlanks) = (nil, false)
        case UInt8(ascii: "<"):
            guard isOptional else {
                throw Self.fault(
                    line.number, of: name, "a value by URL (':<') is not read, put the value itself into the file")
            }
            value = []
            (omission, hadTrailingBlanks) = ("a value by URL (':<') is not fetched", false)
        default:
            let text = rest.drop { $0 == UInt8(ascii: " ") }
            value = name == .account(.userPassword) ? text : text.trimmingSpaces()
            omission = nil
            hadTrailingBlanks = value.count < text.count
        }
    }

    /// Whether the option tells when 389-DS added or deleted the value (`;vucsn-5f0e…`). Exports with replication data
    /// have such options, different for each value; they do not affect its meaning.
    private static func isOfReplication(_ option: ArraySlice<UInt8>) -> Bool {
        ["adcsn-", "mdcsn-", "vdcsn-", "vucsn-"].contains {
            option.prefix($0.utf8.count).equalsIgnoringASCIICase($0.utf8)
        }
    }

    private static func fault(_ line: Int, of name: LDIFName?, _ message: String) -> LDIFError {
        LDIFError(line: line, name.map { "\($0.text): \(message)" } ?? message)
    }
}

/// What is wrong with a line or an entry, as a fault message.
struct LDIFError: Error {
    let line: Int
    let message: String

    init(line: Int, _ message: String) {
        self.line = line
        self.message = message
    }
}

extension UInt8 {
    /// Whether the byte may occur in an attribute's name or options. The standard does not allow `_`, but directories
    /// use it.
    fileprivate var isAttributeCharacter: Bool {
        switch self {
        case UInt8(ascii: "-"), UInt8(ascii: ";"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: isASCIILetterOrDigit
        }
    }
}
