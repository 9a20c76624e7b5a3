import RosterModel

/// A value of a filter, read under its syntax. What is invalid there makes the filter Undefined.
enum AssertedValue: Equatable {
    case text(String)
    /// A number beyond these is the nearest of them: nothing has either.
    case integer(Int64)
    case time(Timestamp)
    case objectClass(ObjectClass)
    case name(DistinguishedName)
    case boolean(Bool)
    case uuid(EntryUUID)

    init?(_ bytes: ArraySlice<UInt8>, under rule: MatchingRule) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        switch rule {
        case .caseIgnore, .caseExact:
            guard !text.isEmpty else { return nil }
            self = .text(text)
        case .caseIgnoreIA5, .caseExactIA5:
            guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
            self = .text(text)
        case .integer:
            guard let number = Self.integer(text.utf8) else { return nil }
            self = number
        case .objectIdentifier:
            guard let known = ObjectClass(bytes) else { return nil }
            self = .objectClass(known)
        case .distinguishedName:
            guard let name = DistinguishedName(bytes) else { return nil }
            self = .name(name)
        case .generalizedTime:
            guard let time = Timestamp(generalizedTime: bytes) else { return nil }
            self = .time(time)
        case .boolean:
            guard text == "TRUE" || text == "FALSE" else { return nil }
            self = .boolean(text == "TRUE")
        case .uuid:
            guard let uuid = EntryUUID(text) else { return nil }
            self = .uuid(uuid)
        }
    }

    /// `INTEGER = ( HYPHEN LDIGIT *DIGIT ) / number`: no leading zero, no plus, no minus zero.
    private static func integer(_ text: String.UTF8View) -> AssertedValue? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = text.dropFirst(isNegative ? 1 : 0)
        guard let first = digits.first, digits.allSatisfy(\.isDigit),
            first != UInt8(ascii: "0") || digits.count == 1 && !isNegative
        else { return nil }
        return .integer(Int64(String(text)) ?? (isNegative ? .min : .max))
    }
}

extension Timestamp {
    /// Reads a GeneralizedTime of RFC 4517 section 3.3.13: `YYYYMMDDhh[mm[ss]]`, a fraction, which is cut off, and `Z`
    /// or an offset from UTC.
    init?(generalizedTime text: ArraySlice<UInt8>) {
        var rest = text
        func number(_ count: Int) -> Int? {
            let digits = rest.prefix(count)
            guard digits.count == count, digits.allSatisfy(\.isDigit) else { return nil }
            rest = rest.dropFirst(count)
            return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        guard let year = number(4), let month = number(2), let day = number(2), let hour = number(2) else {
            return nil
        }
        let minute = number(2)
        let second = minute == nil ? nil : number(2)
        if rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ",") {
            rest = rest.dropFirst()
            let fraction = rest.prefix(while: \.isDigit)
            guard !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(fraction.count)
        }
        guard let zone = rest.popFirst() else { return nil }
        var offset = 0
        switch zone {
        case UInt8(ascii: "Z"): break
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard let hours = number(2), hours < 24 else { return nil }
            let minutes = number(2) ?? 0
            guard minutes < 60 else { return nil }
            offset = (hours * 3600 + minutes * 60) * (zone == UInt8(ascii: "+") ? 1 : -1)
        default: return nil
        }
        guard rest.isEmpty,
            let time = Timestamp(
                year: year, month: month, day: day, hour: hour, minute: minute ?? 0, second: second ?? 0)
        else { return nil }
        self.init(seconds: time.seconds - Int64(offset))
    }

    /// `YYYYMMDDhhmmssZ`.
    var generalizedTime: String { iso8601.filter { $0 != "-" && $0 != ":" && $0 != "T" } }
}
