import RosterLDAP
import RosterModel
import Testing

@testable import RosterCLI

@Suite struct NodeConfigurationTests {
    private let cluster = ClusterID(stored: "hpc-aaaa")

    @Test func theConfigurationOfANodeNamesItsCluster() throws {
        let configuration = NodeConfiguration(
            cluster: cluster, tree: try DirectoryInformationTree(), uri: "ldap://roster.cluster",
            key: "KEY",
            certificateFile: "/ca.crt")
        for text in [configuration.sssd, configuration.nslcd] {
            #expect(text.contains("ou=People,ou=hpc-aaaa,dc=ehpccloud,dc=com"))
            #expect(text.contains("cn=KEY,ou=Services,dc=ehpccloud,dc=com"))
            #expect(text.contains("/ca.crt"))
        }
        #expect(configuration.sssd.contains("ldap_pwdlockout_dn = cn=ppolicy,ou=hpc-aaaa,dc=ehpccloud,dc=com\n"))
        #expect(configuration.sssd.contains("ldap_id_use_start_tls = true"))
        #expect(configuration.nslcd.contains("ssl start_tls"))
    }

    @Test func passwordsInClearAreForServersOnTheSameMachine() throws {
        let local = NodeConfiguration(
            cluster: cluster, tree: try DirectoryInformationTree(), uri: "ldap://127.0.0.1:3890",
            key: "KEY",
            certificateFile: "/ca.crt")
        #expect(local.sssd.contains("\nldap_auth_disable_tls_never_use_in_production = true"))
        #expect(local.nslcd.contains("ssl off"))
        let other = NodeConfiguration(
            cluster: cluster, tree: try DirectoryInformationTree(), uri: "ldap://10.0.0.2", key: "KEY",
            certificateFile: "/ca.crt"
        )
        #expect(!other.sssd.contains("\nldap_auth_disable_tls_never_use_in_production = true"))
    }

    @Test(arguments: [
        "ldap://localhost.hpc.example", "ldap://127.evil.example", "ldap://127.0.0.1.evil.example:389",
        "ldap://localhost@evil.example", "ldap://localhost:389@evil.example", "LDAP://remote.example",
        "ldap://[::2]", "ldap://10.127.0.1",
    ])
    func aRemoteHostThatLooksLocalGetsTLS(uri: String) throws {
        let configuration = NodeConfiguration(
            cluster: cluster, tree: try DirectoryInformationTree(), uri: uri, key: "KEY", certificateFile: "/ca.crt")
        #expect(configuration.sssd.contains("ldap_id_use_start_tls = true"))
        #expect(!configuration.sssd.contains("\nldap_auth_disable_tls_never_use_in_production = true"))
        #expect(configuration.nslcd.contains("ssl start_tls"))
    }

    @Test(arguments: [
        "ldap://localhost", "ldap://LOCALHOST:3890/", "ldap://127.0.0.1", "ldap://127.8.9.10:389", "ldap://[::1]:389",
    ])
    func thisMachineNeedsNoTLS(uri: String) throws {
        let configuration = NodeConfiguration(
            cluster: cluster, tree: try DirectoryInformationTree(), uri: uri, key: "KEY", certificateFile: "/ca.crt")
        #expect(configuration.sssd.contains("ldap_id_use_start_tls = false"))
        #expect(configuration.nslcd.contains("ssl off"))
    }

    @Test(arguments: [
        "ftp://x", "ldap:/x", "", "ldap://localhost:389@evil.example", "ldap://a b", "http://ldap://x", "ldap://é",
    ])
    func aURIOfAnotherKindIsRefused(uri: String) {
        #expect(throws: CommandError.self) { try NodeConfiguration.check(uri: uri) }
    }

    @Test(arguments: [
        "ldap://roster.cluster", "LDAPS://roster.cluster:636", "ldapi://%2Frun%2Fldap", "ldap://[::1]:389/",
    ])
    func aURIOfLDAPIsTaken(uri: String) throws {
        try NodeConfiguration.check(uri: uri)
    }
}
