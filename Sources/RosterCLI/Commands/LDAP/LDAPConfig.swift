import ArgumentParser
import RosterLDAP
import RosterModel

extension LDAPSubcommand {
    /// `roster ldap config`: prints a configuration for a node or an application.
    struct Config: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a configuration for a node or an application.",
            discussion: """
                Put the secret of a reader key of the cluster (roster key create --reader) where the file says so.

                Examples:
                  roster ldap config --client sssd --cluster-id hpc-qig9xu97 --uri ldap://10.0.0.2 > /etc/sssd/sssd.conf
                  roster ldap config --client sssd --sudo --autofs --cluster-id hpc-qig9xu97 --uri ldap://10.0.0.2
                  roster ldap config --client nslcd --cluster-id hpc-qig9xu97 --uri ldaps://roster > /etc/nslcd.conf
                  roster ldap config --client generic --cluster-id hpc-qig9xu97 --uri ldaps://roster
                """)

        enum Client: String, ExpressibleByArgument, CaseIterable {
            case sssd, nslcd, apache, jupyterhub, grafana, gitlab, freeradius, generic
        }

        @Option(help: ArgumentHelp("What is configured.", valueName: "client"))
        var client: Client

        @Flag(help: "SSSD reads sudo rules of the cluster, too.")
        var sudo = false

        @Flag(help: "SSSD reads automount maps of the cluster, too.")
        var autofs = false

        @Flag(help: "SSSD gives the users' keys to sshd, too (sss_ssh_authorizedkeys).")
        var ssh = false

        @Option(help: "How SSSD reads groups: rfc2307, by names of members, or rfc2307bis, by DNs.")
        var schema = Schema.rfc2307

        enum Schema: String, ExpressibleByArgument, CaseIterable {
            case rfc2307, rfc2307bis
        }

        @Option(help: "The cluster that the node belongs to.")
        var clusterId: String

        @Option(help: ArgumentHelp("Where Roster serves LDAP.", valueName: "ldap[s]://host[:port]"))
        var uri = "ldap://127.0.0.1:389"

        @Option(help: ArgumentHelp("The base of the LDAP tree.", valueName: "name"))
        var ldapBase = DirectoryInformationTree.defaultBase

        @Option(help: ArgumentHelp("The reader key of the cluster.", valueName: "access_key_id"))
        var key = "ACCESS_KEY_ID"

        @Option(help: ArgumentHelp("The certificate that the server's is checked by.", valueName: "file"))
        var caCertificate = "/etc/ssl/certs/ca-certificates.crt"

        func run() throws {
            try NodeConfiguration.check(uri: uri)
            let configuration: NodeConfiguration
            do throws(RosterError) {
                configuration = NodeConfiguration(
                    cluster: try ClusterID(clusterId), tree: try DirectoryInformationTree(base: ldapBase), uri: uri,
                    key: key,
                    certificateFile: caCertificate,
                    parts: .init(sudo: sudo, autofs: autofs, ssh: ssh, groupsByDN: schema == .rfc2307bis))
            } catch {
                throw CommandError("\(error)")
            }
            print(try text(configuration), terminator: "")
        }

        func validate() throws {
            guard client != .sssd, sudo || autofs || ssh || schema != .rfc2307 else { return }
            throw ValidationError("--sudo, --autofs, --ssh and --schema are for --client sssd.")
        }

        private func text(_ configuration: NodeConfiguration) throws(CommandError) -> String {
            switch client {
            case .sssd: configuration.sssd
            case .nslcd: configuration.nslcd
            case .apache: try configuration.apache()
            case .jupyterhub: try configuration.jupyterHub()
            case .grafana: try configuration.grafana()
            case .gitlab: try configuration.gitLab()
            case .freeradius: try configuration.freeRADIUS()
            case .generic: try configuration.generic()
            }
        }
    }
}
