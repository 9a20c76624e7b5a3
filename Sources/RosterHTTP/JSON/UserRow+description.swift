import RosterDirectory
import RosterModel
import RosterSnapshot

extension UserRow {
    /// The members that `writeDescription` adds.
    private static let furtherMembers = [
        AnswerMember(
            "attributes", .attributes,
            meaning: "The attributes of the person by their names in LDAP, each with the list of its values; binary "
                + "values are in Base64."),
        AnswerMember(
            "expires", .optional(.time), meaning: "The time after which the user cannot log in; null means never."),
        AnswerMember("gecos", .text, meaning: "As in passwd(5)."),
        AnswerMember(
            "group_names", .list(.text),
            meaning: "The supplementary groups, including those that the user is in through other groups."),
        AnswerMember("home_directory", .text, meaning: "As in passwd(5)."),
        AnswerMember(
            "last_failure", .optional(.time),
            meaning: "When a login was last refused; null if none was since logins are recorded."),
        AnswerMember(
            "last_failure_over", .optional(.choice(LoginRecord.Server.allCases.map(\.rawValue))),
            meaning: "The server that refused it."),
        AnswerMember(
            "last_login", .optional(.time),
            meaning: "When the user last logged in with its password; null if it did not since logins are recorded."),
        AnswerMember(
            "last_login_over", .optional(.choice(LoginRecord.Server.allCases.map(\.rawValue))),
            meaning: "The server at which it did."),
        AnswerMember("login_shell", .text, meaning: "As in passwd(5)."),
        AnswerMember(
            "password_time", .optional(.time), meaning: "When the password was last set; null if that is unknown."),
        AnswerMember(
            "state", .choice(User.State.allCases.map(\.rawValue)), meaning: "A locked user cannot log in."),
    ]

    /// The members that `writeDescription` writes.
    static let described = members + furtherMembers

    /// The members of an element of the list: the further ones only if the request is for a verbose list.
    static let listed = members + furtherMembers.optional

    /// Writes the members of the list's element, and the fields that the list omits.
    /// - Parameters:
    ///   - groups: those that list the user as a member.
    ///   - logins: when the user last logged in, and was last refused.
    ///   - catalog: the attributes that users can have.
    ///   - withPhotos: whether binary values are written.
    func writeDescription(
        groups: [Group], logins: LoginRegister.Times, catalog: AttributeCatalog, withPhotos: Bool,
        to json: inout JSONWriter
    ) {
        json.object { json in
            writeMembers(to: &json)
            json.key("attributes")
            writeAttributes(catalog, withPhotos: withPhotos, to: &json)
            json.key("expires")
            if let expires { json.string(expires.iso8601) } else { json.null() }
            json.key("gecos")
            withGecos { json.string($0) }
            json.key("group_names")
            json.array { json in
                for name in groups.map(\.name).sorted() { json.string(name) }
            }
            json.key("home_directory")
            withHome { json.string($0) }
            json.key("last_failure")
            if let failure = logins.failure { json.time(failure.time) } else { json.null() }
            json.key("last_failure_over")
            if let failure = logins.failure { json.string(failure.server.rawValue) } else { json.null() }
            json.key("last_login")
            if let success = logins.success { json.time(success.time) } else { json.null() }
            json.key("last_login_over")
            if let success = logins.success { json.string(success.server.rawValue) } else { json.null() }
            json.key("login_shell")
            withShell { json.string($0) }
            json.key("password_time")
            if let passwordTime { json.string(passwordTime.iso8601) } else { json.null() }
            json.key("state")
            json.string(state.rawValue)
        }
    }

    /// Attributes by their LDAP names, each with a list of values. Binary values are in base64.
    private func writeAttributes(
        _ catalog: AttributeCatalog, withPhotos: Bool, to json: inout JSONWriter
    ) {
        let attributes = withAttributes { UserAttributes(text: $0) }
        json.object { json in
            for attribute in attributes.present(in: catalog) where withPhotos || !attribute.syntax.isBinary {
                json.key(named: attribute.name)
                json.array { json in
                    for value in attributes[attribute] {
                        let bytes = attribute.syntax.isBinary ? Base64.encode(value) : value
                        json.string(String(decoding: bytes, as: UTF8.self))
                    }
                }
            }
        }
    }
}
