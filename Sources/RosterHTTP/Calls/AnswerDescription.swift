/// A member of an object in a response, as the documentation describes it.
struct AnswerMember: Sendable, Equatable {
    let name: String
    let value: AnswerValue
    /// False if some responses of the call omit it.
    let isAlwaysPresent: Bool
    /// One sentence.
    let meaning: String

    init(_ name: String, _ value: AnswerValue, isAlwaysPresent: Bool = true, meaning: String) {
        self.name = name
        self.value = value
        self.isAlwaysPresent = isAlwaysPresent
        self.meaning = meaning
    }
}

/// The form of a value in a response.
indirect enum AnswerValue: Sendable, Equatable {
    case text
    /// A JSON number without a fraction.
    case integer
    case boolean
    /// A time in UTC of the form `YYYY-MM-DDThh:mm:ssZ`.
    case time
    /// A uid or gid, as a string.
    case posixNumber
    /// At least three octal digits.
    case fileMode
    /// `0` or `1`, as a string.
    case flag
    case choice([String])
    case clusterID
    case accountID
    case jobID
    /// Always null.
    case null
    /// The value, or null.
    case optional(AnswerValue)
    case list(AnswerValue)
    case object([AnswerMember])
    /// An object that the document describes once, under a name of its own.
    case named(String, [AnswerMember])
    /// An object with a list of texts for each attribute of LDAP.
    case attributes
}

extension [AnswerMember] {
    /// The members of the response to a list: the total, and one page of the elements.
    static func page(_ name: String, of element: AnswerValue) -> [AnswerMember] {
        [
            AnswerMember("total_count", .integer, meaning: "How many elements the list has on all pages."),
            AnswerMember(name, .list(element), meaning: "The elements of the page."),
        ]
    }

    /// The member of the response to a command.
    static let job = [AnswerMember("job_id", .jobID, meaning: "The job in the operation log.")]

    /// The same members, each of which a response may omit.
    var optional: [AnswerMember] {
        map { AnswerMember($0.name, $0.value, isAlwaysPresent: false, meaning: $0.meaning) }
    }
}
