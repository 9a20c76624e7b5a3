import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/user/modifyUser` (reference page, section 6), which can change everything about a user except its uid.
struct ModifyUser: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/user/modifyUser"
    static let action = "HpcUserModifyUserResponse"
    static let summary = "Changes a user: all of what the members say, or nothing."
    static let isVendors = true
    static let access = CallAccess.ownUserOrClusterAdministrator
    static let parameters =
        .cluster + [
            ParameterDescription(
                "username", .text(maximumBytes: 256), isRequired: true, example: "zhang",
                meaning: "The name of the user."),
            ParameterDescription("new_password", .text(maximumBytes: 256), meaning: "The new password."),
            ParameterDescription(
                "password", .text(maximumBytes: nil),
                meaning: "The present password, which a member must give who changes its own row."),
            ParameterDescription(
                "new_username", .username,
                meaning: "The new name. The uid, the groups and the home stay; the ledger keeps the name under which "
                    + "the uid was given."),
            ParameterDescription(
                "state", .choice(User.State.allCases.map(\.rawValue)), example: "active",
                meaning: "The new state of the user."),
            ParameterDescription(
                "expires", .time, clearing: .null,
                meaning: "The time after which the user cannot log in; null means never."),
            ParameterDescription(
                "role", .choice(Role.allCases.map(\.rawValue)),
                meaning: "The new role; only operators and bosses change it."),
            ParameterDescription(
                "gid_number", .posixNumber,
                meaning: "The primary group: the gid of a group of the cluster that the caller may change."),
            ParameterDescription(
                "mod", .fileMode, clearing: .emptyText, meaning: "The mode of the home directory; empty means none."),
            ParameterDescription(
                "nas_mount_point", .path,
                meaning: "The mount; empty means the cluster's. Only operators and bosses give another."),
            ParameterDescription(
                "home_directory", .path,
                meaning: "The path of the home; empty means that of the cluster's template. No folder is moved."),
            ParameterDescription(
                "login_shell", .path, meaning: "The login shell; empty means the cluster's."),
            ParameterDescription(
                "gecos", .text(maximumBytes: 1024),
                meaning: "What passwd(5) shows; empty means the full name. While it equals the full name, it changes "
                    + "with it."),
            ParameterDescription(
                "attributes", .attributes,
                meaning: "Attributes whose values are replaced: an object whose names are those of describeUser, each "
                    + "with a string, a list of strings, or null. A photo is in Base64."),
            ParameterDescription(
                "add_attributes", .attributes,
                meaning: "Values that attributes get beside theirs, in the same form. Adding an existing value is no "
                    + "error. Adding an existing SSH key replaces it, so that its comment may change."),
            ParameterDescription(
                "delete_attributes", .attributes,
                meaning: "Values that attributes lose, in the same form. Deleting a missing one is no error."),
        ]

    let handler: UserCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        let username = try body.text("username")
        let modification = try body.userModification()
        guard !modification.isEmpty else {
            throw .invalid("new_password", "there is nothing to change, here or in another parameter")
        }
        return try await handler.execute(
            .modify(username: username, modification), cluster: cluster, zone: body.zone, by: request.actor)
    }
}

extension CommandBody {
    /// The modification that the members describe. An absent member changes nothing; an empty one clears its field, if
    /// the field can be empty.
    /// - Throws: `invalidParameter` for the first malformed member.
    func userModification() throws(RosterError) -> UserModification {
        var modification = UserModification()
        if isGiven("new_password") { modification.newPassword = try text("new_password") }
        modification.presentPassword = try json.optional("password")
        if isGiven("new_username") { modification.newUsername = try text("new_username") }
        if isGiven("state") {
            modification.state = try json.choice("state", User.State.self)
            guard modification.state != nil else { throw .invalid("state", "is empty") }
        }
        if let expires = json.members["expires"] {
            modification.expires =
                expires == .null
                ? .some(nil) : .some(try ParameterParsing.time(json.required("expires"), name: "expires"))
        }
        if isGiven("role") { modification.role = try Role(json.required("role")) }
        if isGiven("gid_number") {
            modification.gidNumber = try json.posixNumber("gid_number")
            guard modification.gidNumber != nil else { throw .invalid("gid_number", "is empty") }
        }
        if isGiven("mod") {
            modification.mode = try .some(json.optional("mod").map { text throws(RosterError) in try FileMode(text) })
        }
        if isGiven("nas_mount_point") { modification.nasMountPoint = try json.optional("nas_mount_point") ?? "" }
        if isGiven("home_directory") { modification.homeDirectory = try json.optional("home_directory") ?? "" }
        if isGiven("login_shell") { modification.loginShell = try json.optional("login_shell") ?? "" }
        if isGiven("gecos") { modification.gecos = try json.optional("gecos") ?? "" }
        for (attribute, values) in try attributes("attributes") {
            modification.attributes[attribute, default: .init()].replacing = values
        }
        for (attribute, values) in try attributes("add_attributes") {
            modification.attributes[attribute, default: .init()].adding = values
        }
        for (attribute, values) in try attributes("delete_attributes") {
            modification.attributes[attribute, default: .init()].deleting = values
        }
        try modification.check()
        return modification
    }

    private func isGiven(_ name: String) -> Bool { json.members[name] != nil }
}
