import RosterModel
import RosterSnapshot

extension UserRow {
    /// The members that `writeMembers` writes.
    static let members = [
        AnswerMember("cluster_id", .clusterID, meaning: "The cluster of the user."),
        AnswerMember("create_time", .time, meaning: "When the user was created."),
        AnswerMember("gid_number", .posixNumber, meaning: "The gid of the primary group."),
        AnswerMember("hpcuser_id", .text, meaning: "The identifier of the user."),
        AnswerMember("mod", .optional(.fileMode), meaning: "The mode of the home directory, in octal."),
        AnswerMember("nas_mount_point", .text, meaning: "Where the shared file system is mounted."),
        AnswerMember("role", .choice(Role.allCases.map(\.rawValue)), meaning: "What the user may administer."),
        AnswerMember("uid_number", .posixNumber, meaning: "The uid."),
        AnswerMember("update_time", .time, meaning: "When the user was last changed."),
        AnswerMember("user_id", .text, meaning: "The account behind the user."),
        AnswerMember("username", .text, meaning: "The name of the user."),
    ]

    /// The user as an element of the list (the contract's "response item").
    func write(to json: inout JSONWriter) {
        json.object { json in writeMembers(to: &json) }
    }

    /// The members of that element.
    func writeMembers(to json: inout JSONWriter) {
        json.key("cluster_id")
        json.string(cluster.text)
        json.key("create_time")
        json.time(createTime)
        json.key("gid_number")
        json.quoted(gidNumber)
        json.key("hpcuser_id")
        withID { json.string($0) }
        json.key("mod")
        if let mode { json.string(mode.description) } else { json.null() }
        json.key("nas_mount_point")
        json.string(mountPoint)
        json.key("role")
        json.string(role.rawValue)
        json.key("uid_number")
        json.quoted(uidNumber)
        json.key("update_time")
        json.time(updateTime)
        json.key("user_id")
        withAccount { json.string($0) }
        json.key("username")
        json.string(username)
    }
}
