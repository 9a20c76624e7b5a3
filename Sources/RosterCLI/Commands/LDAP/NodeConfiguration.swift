import Foundation
import RosterLDAP
import RosterModel
import RosterServing

/// Configurations for the usual clients of a node, which resolve the users of one cluster.
struct NodeConfiguration: Sendable {
    private let cluster: ClusterID
    private let tree: DirectoryInformationTree
    private let uri: String
    private let key: String
    private let certificateFile: String

    /// - Parameters:
    ///   - uri: of the server: `ldap://…`, `ldaps://…` or `ldapi://…` (`check(uri:)`).
    ///   - key: the id of an access key, or a placeholder.
    ///   - certificateFile: the certificate that the node trusts.
    init(cluster: ClusterID, tree: DirectoryInformationTree, uri: String, key: String, certificateFile: String) {
        self.cluster = cluster
        self.tree = tree
        self.uri = uri
        self.key = key
        self.certificateFile = certificateFile
    }

    private var service: String { "cn=\(key),ou=Services,\(tree.base)" }

    /// `ldap`, `ldaps` or `ldapi`.
    private var scheme: String { uri.prefix { $0 != ":" }.lowercased() }

    /// Whether the server is on this machine, where passwords may cross in clear text: over a local socket, or at the host
    /// `localhost` or a loopback address.
    private var isLocal: Bool {
        if scheme == "ldapi" { return true }
        guard scheme == "ldap", let start = uri.range(of: "://")?.upperBound else { return false }
        let authority = uri[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // What precedes an `@` is no host.
        guard !authority.contains("@") else { return false }
        let host =
            authority.hasPrefix("[")
            ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return host.lowercased() == "localhost" || IPAddress(String(host))?.isLoopback ?? false
    }

    private var startsTLS: Bool { scheme == "ldap" && !isLocal }

    /// - Throws: `CommandError` for a URI that no LDAP client takes, or that would hide where passwords go.
    static func check(uri: String) throws(CommandError) {
        let isKnown = ["ldap://", "ldaps://", "ldapi://"].contains { uri.lowercased().hasPrefix($0) }
        guard isKnown, !uri.contains("@"), uri.isPrintableASCII, !uri.contains(" ") else {
            throw CommandError(
                "--uri is not ldap://HOST, ldaps://HOST or ldapi://SOCKET, such as ldap://roster.cluster:389")
        }
    }

    /// For `/etc/sssd/sssd.conf` (mode 0600).
    var sssd: String {
        """
        # Users of cluster \(cluster), from Roster. Mode 0600: it holds the key's secret.
        [sssd]
        config_file_version = 2
        services = nss, pam
        domains = roster

        [nss]
        filter_users = root
        filter_groups = root

        [domain/roster]
        id_provider = ldap
        auth_provider = ldap
        # Users change their own password with the present one (RFC 3062).
        chpass_provider = ldap
        # Sudo rules of the cluster are asked for as the manual says; without any, SSSD would keep asking.
        sudo_provider = none
        # Locked and expired users are denied access, even with an SSH key.
        access_provider = ldap
        ldap_access_order = expire
        ldap_account_expire_policy = shadow
        # Without it, the access orders ppolicy and lockout let everybody in.
        ldap_pwdlockout_dn = \(tree.nameOfPolicy(of: cluster))
        ldap_schema = rfc2307
        ldap_uri = \(uri)
        ldap_search_base = \(tree.name(of: cluster))
        ldap_user_search_base = \(tree.nameOfPeople(of: cluster))
        ldap_group_search_base = \(tree.nameOfGroups(of: cluster))
        ldap_default_bind_dn = \(service)
        ldap_default_authtok_type = password
        ldap_default_authtok = SECRET
        ldap_id_use_start_tls = \(startsTLS)
        ldap_tls_reqcert = demand
        ldap_tls_cacert = \(certificateFile)
        # Passwords are checked over an encrypted connection only, but for a server on this machine.
        \(isLocal ? "" : "# ")ldap_auth_disable_tls_never_use_in_production = true
        cache_credentials = true
        enumerate = false

        """
    }

    /// For `/etc/nslcd.conf` (mode 0600).
    var nslcd: String {
        """
        # Users of cluster \(cluster), from Roster. Mode 0600: it holds the key's secret.
        uid nslcd
        gid nslcd
        uri \(uri)
        base \(tree.name(of: cluster))
        base passwd \(tree.nameOfPeople(of: cluster))
        base shadow \(tree.nameOfPeople(of: cluster))
        base group \(tree.nameOfGroups(of: cluster))
        binddn \(service)
        bindpw SECRET
        \(startsTLS ? "ssl start_tls" : scheme == "ldaps" ? "ssl on" : "ssl off")
        tls_reqcert demand
        tls_cacertfile \(certificateFile)
        nss_initgroups_ignoreusers ALLLOCAL

        """
    }
}
