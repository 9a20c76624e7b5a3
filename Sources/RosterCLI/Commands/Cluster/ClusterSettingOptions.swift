import ArgumentParser
import RosterDirectory
import RosterModel

/// The settings of a cluster.
struct ClusterSettingOptions: ParsableArguments {
    @Option(help: "What people call it; its identifier where not said.")
    var clusterName: String?

    @Option(help: ArgumentHelp("Its mount of the shared file system.", valueName: "path"))
    var nasMountPoint: String?

    @Option(help: ArgumentHelp("How homes are named.", discussion: "Default {nas_mount_point}/home/{username}."))
    var homeTemplate: String?

    @Option(help: "The login shell of users that are added; default /bin/bash.")
    var loginShell: String?

    @Option(help: "The first uid of users that are added; default 10000.")
    var uidFirst: String?

    @Option(help: "The last uid of users that are added; default 59999.")
    var uidLast: String?

    @Option(help: "portable (default) or vendor: what the names of added users must look like.")
    var nameRule: String?

    @Option(help: "standard (default) or vendor: what passwords must look like.")
    var passwordRule: String?

    @Option(help: "A line about it.")
    var description: String?

    /// The members of the API's request body.
    var members: [String: String] {
        [
            "cluster_name": clusterName, "nas_mount_point": nasMountPoint, "home_template": homeTemplate,
            "login_shell": loginShell, "uid_first": uidFirst, "uid_last": uidLast, "name_rule": nameRule,
            "password_rule": passwordRule, "description": description,
        ].compactMapValues { $0 }
    }

    /// The same settings as a command on the store itself.
    /// - Throws: `RosterError`; `CommandError` if a setting is malformed.
    func command(_ id: ClusterID) throws -> ClusterCommand {
        var command = ClusterCommand(id: id)
        command.name = clusterName
        command.nasMountPoint = nasMountPoint
        command.homeTemplate = homeTemplate
        command.loginShell = loginShell
        command.firstUID = try uidFirst.map { try User.posixNumber($0, name: "uid_first") }
        command.lastUID = try uidLast.map { try User.posixNumber($0, name: "uid_last") }
        command.nameRule = try nameRule.map { try Self.choice($0, "--name-rule") }
        command.passwordRule = try passwordRule.map { try Self.choice($0, "--password-rule") }
        command.description = description
        return command
    }

    private static func choice<Value: CaseIterable & RawRepresentable<String>>(
        _ text: String, _ flag: String
    ) throws -> Value {
        guard let value = Value(rawValue: text) else {
            throw CommandError("\(flag) must be \(Value.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        return value
    }
}

/// The response to a command about a cluster.
struct ClusterResponse: Decodable {
    let cluster: String
    let job: String

    private enum CodingKeys: String, CodingKey {
        case cluster = "cluster_id"
        case job = "job_id"
    }
}
