import RosterDirectory
import RosterModel

extension ClusterCommand {
    /// Reads the members of `createCluster` and `modifyCluster` that describe the cluster.
    /// - Throws: `invalidParameter` for a malformed member.
    init(id: ClusterID, body: JSONBody) throws(RosterError) {
        self.init(id: id)
        settings.name = try body.optional("cluster_name")
        settings.nasMountPoint = try body.optional("nas_mount_point")
        settings.homeTemplate = try body.optional("home_template")
        settings.loginShell = try body.optional("login_shell")
        settings.firstUID = try body.posixNumber("uid_first")
        settings.lastUID = try body.posixNumber("uid_last")
        settings.nameRule = try body.choice("name_rule", NameRule.self)
        settings.passwordRule = try body.choice("password_rule", PasswordRule.self)
        settings.description = try body.optional("description")
        groupName = try body.optional("group_name")
        gidNumber = try body.posixNumber("gid_number")
        try check()
    }
}

extension ClusterID {
    /// - Throws: `invalidParameter` unless the identifier begins with the type that the request names.
    func check(type: Cluster.Kind?) throws(RosterError) {
        guard let type, !text.hasPrefix(type.rawValue + "-") else { return }
        throw .invalid("cluster_type", "\(type.rawValue) is not the type of \(self)")
    }
}

/// The outcome of a command about a cluster, with the members of its response.
struct ClusterJob: Sendable {
    let job: JobID
    let cluster: ClusterID

    /// The members that `write` writes.
    static let answer =
        [AnswerMember("cluster_id", .clusterID, meaning: "The identifier of the cluster.")] + .job

    func write(to json: inout JSONWriter) {
        json.key("cluster_id")
        json.string(cluster.text)
        json.key("job_id")
        json.string(job.text)
    }
}

extension [ParameterDescription] {
    /// The members that `ClusterCommand.init(id:body:)` reads.
    static let clusterAttributes = [
        ParameterDescription(
            "zone", .zone, isRequired: true, example: "zone1", meaning: "The zone of the cluster."),
        ParameterDescription(
            "cluster_type", .choice(Cluster.Kind.allCases.map(\.rawValue)), meaning: "The type of the cluster."),
        ParameterDescription("cluster_name", .text(maximumBytes: 1024), meaning: "The name of the cluster."),
        ParameterDescription("nas_mount_point", .path, meaning: "The directory of the homes."),
        ParameterDescription("home_template", .text(maximumBytes: 1024), meaning: "The path of a user's home."),
        ParameterDescription("login_shell", .path, meaning: "The login shell of the users."),
        ParameterDescription("uid_first", .posixNumber, meaning: "The first uid that is allocated."),
        ParameterDescription("uid_last", .posixNumber, meaning: "The last uid that is allocated."),
        ParameterDescription(
            "name_rule", .choice(NameRule.allCases.map(\.rawValue)), meaning: "The rule for the names of users."),
        ParameterDescription(
            "password_rule", .choice(PasswordRule.allCases.map(\.rawValue)), meaning: "The rule for passwords."),
        ParameterDescription("description", .text(maximumBytes: 1024), meaning: "A text about the cluster."),
        ParameterDescription("group_name", .username, meaning: "The name of the primary group."),
        ParameterDescription("gid_number", .posixNumber, meaning: "The gid of the primary group."),
    ]
}
