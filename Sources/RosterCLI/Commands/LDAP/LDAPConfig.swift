import ArgumentParser
import RosterLDAP
import RosterModel

extension LDAPSubcommand {
    struct Config: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a configuration for a node.",
            discussion: """
                Put the secret of a reader key of the cluster (roster key create --reader) where the file says so.

                Examples:
                  roster ldap config --client sssd --cluster-id hpc-qig9xu97 --uri ldap://10.0.0.2 > /etc/sssd/sssd.conf
                  roster ldap config --client nslcd --cluster-id hpc-qig9xu97 --uri ldaps://roster > /etc/nslcd.conf
                """)

        enum Client: String, ExpressibleByArgument, CaseIterable {
            case sssd, nslcd
        }

        @Option(help: "sssd or nslcd.")
        var client: Client

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
                    certificateFile: caCertificate)
            } catch {
                throw CommandError("\(error)")
            }
            print(client == .sssd ? configuration.sssd : configuration.nslcd, terminator: "")
        }
    }
}
