import Foundation
import RosterLDAP
import RosterModel
import RosterServing

/// Configurations for the common clients of a node, which resolve the users of one cluster.
struct NodeConfiguration: Sendable {
    let cluster: ClusterID
    let tree: DirectoryInformationTree
    let uri: String
    let certificateFile: String
    private let key: String
    private let parts: SSSDParts

    /// What SSSD serves besides users and groups, and how it reads groups.
    struct SSSDParts: Sendable {
        var sudo = false
        var autofs = false
        var ssh = false
        /// Whether groups are read by their members' DNs (rfc2307bis) instead of names (RFC 2307).
        var groupsByDN = false
    }

    /// - Parameters:
    ///   - uri: the server: `ldap://…`, `ldaps://…` or `ldapi://…` (`check(uri:)`).
    ///   - key: the id of an access key, or a placeholder.
    ///   - certificateFile: the certificate that the node trusts.
    ///   - parts: the parts of SSSD's configuration.
    init(
        cluster: ClusterID, tree: DirectoryInformationTree, uri: String, key: String, certificateFile: String,
        parts: SSSDParts = SSSDParts()
    ) {
        self.cluster = cluster
        self.tree = tree
        self.uri = uri
        self.key = key
        self.certificateFile = certificateFile
        self.parts = parts
    }

    /// The DN that the reader key binds with.
    var service: String { "cn=\(key),ou=Services,\(tree.base)" }

    /// `ldap`, `ldaps` or `ldapi`.
    var scheme: String { uri.prefix { $0 != ":" }.lowercased() }

    /// Whether the server is on this machine, so that passwords may be sent in clear text: over a local socket, or at
    /// the host `localhost` or a loopback address.
    private var isLocal: Bool {
        if scheme == "ldapi" { return true }
        guard scheme == "ldap", let start = uri.range(of: "://")?.upperBound else { return false }
        let authority = uri[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // What precedes an `@` is not a host.
        guard !authority.contains("@") else { return false }
        let host =
            authority.hasPrefix("[")
            ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return host.lowercased() == "localhost" || IPAddress(String(host))?.isLoopback ?? false
    }

    var startsTLS: Bool { scheme == "ldap" && !isLocal }

    /// - Throws: `CommandError` for a URI that LDAP clients do not accept, or that would hide where passwords go.
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
        services = \(services.joined(separator: ", "))
        domains = roster

        [nss]
        filter_users = root
        filter_groups = root

        [domain/roster]
        id_provider = ldap
        auth_provider = ldap
        # Users change their own password with the present one (RFC 3062).
        chpass_provider = ldap
        \(providers.joined(separator: "\n"))
        # Locked and expired users are denied access, even with an SSH key.
        access_provider = ldap
        ldap_access_order = expire
        ldap_account_expire_policy = shadow
        # Without it, the access orders ppolicy and lockout let everybody in.
        ldap_pwdlockout_dn = \(tree.nameOfPolicy(of: cluster))
        \(schema.joined(separator: "\n"))
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
        \(parts.sudo ? "# Without it, sudo -l lists rules that have expired, too.\n[sudo]\nsudo_timed = true\n" : "")
        """
    }

    private var services: [String] {
        ["nss", "pam"] + (parts.sudo ? ["sudo"] : []) + (parts.autofs ? ["autofs"] : []) + (parts.ssh ? ["ssh"] : [])
    }

    private var providers: [String] {
        let base = tree.name(of: cluster)
        var lines =
            parts.sudo
            ? ["sudo_provider = ldap", "ldap_sudo_search_base = \(base)"]
            : [
                "# --sudo asks for sudo rules; without any in the cluster, SSSD would keep asking.",
                "sudo_provider = none",
            ]
        if parts.autofs { lines += ["autofs_provider = ldap", "ldap_autofs_search_base = \(base)"] }
        if parts.ssh { lines.append("ldap_user_ssh_public_key = sshPublicKey") }
        return lines
    }

    private var schema: [String] {
        parts.groupsByDN ? ["ldap_schema = rfc2307bis", "ldap_group_member = member"] : ["ldap_schema = rfc2307"]
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
