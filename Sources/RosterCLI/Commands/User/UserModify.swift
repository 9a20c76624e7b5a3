import ArgumentParser

extension UserSubcommand {
    /// `roster user modify`: changes fields of a user, or sets its password.
    struct Modify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what is kept of a user, or set its password.",
            discussion: """
                Without a field to change it sets the password, which is asked for, or read from standard input. A member changes
                its own password, SSH keys and such with --own, and gives the present password first.
                An empty value clears a field, or sets it to what the cluster has for new users. Attributes have the names that
                LDAP has for them. A value such as @photo.jpg is the content of that file. Everything is changed, or nothing.

                Examples:
                  roster user modify --zone zone1 --cluster-id hpc-qig9xu97 zhangsan
                  roster user modify --zone zone1 --cluster-id hpc-qig9xu97 --login-shell /bin/zsh --mail zhang@example.org zhangsan
                  roster user modify --zone zone1 --cluster-id hpc-qig9xu97 --set title=Dr --unset telephoneNumber zhangsan
                  roster user modify --zone zone1 --cluster-id hpc-qig9xu97 --set jpegPhoto=@zhang.jpg zhangsan
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions
        @OptionGroup(title: "Fields") var fields: UserFieldOptions

        @Flag(help: "Prove the present password first, as a member must.")
        var own = false

        func run() async throws {
            var body = try fields.body()
            let setsPassword = body.isEmpty
            if own { body.members["password"] = try Secret.read("Present password of \(user.username)", twice: false) }
            if setsPassword {
                body.members["new_password"] = try Secret.read("New password of \(user.username)", twice: true)
            }
            try await client.send(
                "/api/user/modifyUser", in: user.cluster, about: user.members, members: body.members,
                attributes: body.attributes)
        }
    }
}
