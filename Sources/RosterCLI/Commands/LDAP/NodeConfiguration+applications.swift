import Foundation
import RosterLDAP
import RosterModel

/// Configurations for applications that log users in by password. Each binds with the reader key to look the user up,
/// and then binds as the user; a locked or expired user cannot.
extension NodeConfiguration {
    /// The server's address as host and port: applications do not support local sockets.
    struct Server {
        let host: String
        let port: Int
    }

    /// - Throws: `CommandError` for a URI without a host.
    func server() throws(CommandError) -> Server {
        guard scheme != "ldapi", let components = URLComponents(string: uri), let host = components.host, !host.isEmpty
        else { throw CommandError("--uri must name a host here, such as ldap://roster.cluster:389") }
        return Server(host: host, port: components.port ?? (scheme == "ldaps" ? 636 : 389))
    }

    private var people: String { tree.nameOfPeople(of: cluster) }
    private var groups: String { tree.nameOfGroups(of: cluster) }
    private var header: String { "Users of cluster \(cluster), from Roster. The file holds the key's secret." }

    /// For Apache's mod_authnz_ldap; `a2enmod authnz_ldap` loads it.
    func apache() throws(CommandError) -> String {
        let server = try server()
        let host = server.host.contains(":") ? "[\(server.host)]" : server.host
        let mode = startsTLS ? " STARTTLS" : scheme == "ldaps" ? " SSL" : " NONE"
        return """
            # \(header)
            \(mode == " NONE" ? "# " : "")LDAPTrustedGlobalCert CA_BASE64 \(certificateFile)
            <Location "/">
                AuthType Basic
                AuthName "\(cluster)"
                AuthBasicProvider ldap
                AuthLDAPURL "\(scheme)://\(host):\(server.port)/\(people)?uid?one?(objectClass=posixAccount)"\(mode)
                AuthLDAPBindDN "\(service)"
                AuthLDAPBindPassword "SECRET"
                AuthLDAPGroupAttribute member
                AuthLDAPGroupAttributeIsDN on
                Require valid-user
                # Only members of a group, in the place of the line above:
                # Require ldap-group cn=GROUP,\(groups)
            </Location>

            """
    }

    /// For `jupyterhub_config.py`, with version 2 of the package jupyterhub-ldapauthenticator.
    func jupyterHub() throws(CommandError) -> String {
        let server = try server()
        let strategy = startsTLS ? "before_bind" : scheme == "ldaps" ? "on_connect" : "insecure"
        return """
            # \(header)
            c.JupyterHub.authenticator_class = "ldap"
            c.LDAPAuthenticator.server_address = "\(server.host)"
            c.LDAPAuthenticator.server_port = \(server.port)
            c.LDAPAuthenticator.tls_strategy = "\(strategy)"
            c.LDAPAuthenticator.tls_kwargs = {"ca_certs_file": "\(certificateFile)", "validate": 2}
            c.LDAPAuthenticator.lookup_dn = True
            c.LDAPAuthenticator.lookup_dn_search_user = "\(service)"
            c.LDAPAuthenticator.lookup_dn_search_password = "SECRET"
            c.LDAPAuthenticator.lookup_dn_search_filter = "({login_attr}={login})"
            c.LDAPAuthenticator.lookup_dn_user_dn_attribute = "uid"
            c.LDAPAuthenticator.user_search_base = "\(people)"
            c.LDAPAuthenticator.user_attribute = "uid"
            c.LDAPAuthenticator.bind_dn_template = ["uid={username},\(people)"]
            c.Authenticator.allow_all = True
            # Only members of a group, in the place of the line above:
            # c.LDAPAuthenticator.allowed_groups = ["cn=GROUP,\(groups)"]
            # c.LDAPAuthenticator.group_search_filter = "(member={userdn})"
            # c.LDAPAuthenticator.group_attributes = ["member"]

            """
    }

    /// For Grafana's `ldap.toml`.
    func grafana() throws(CommandError) -> String {
        let server = try server()
        return """
            # \(header)
            [[servers]]
            host = "\(server.host)"
            port = \(server.port)
            use_ssl = \(startsTLS || scheme == "ldaps")
            start_tls = \(startsTLS)
            ssl_skip_verify = false
            root_ca_cert = "\(certificateFile)"
            bind_dn = "\(service)"
            bind_password = "SECRET"
            search_filter = "(uid=%s)"
            search_base_dns = ["\(people)"]

            [servers.attributes]
            username = "uid"
            name = "givenName"
            surname = "sn"
            email = "mail"
            member_of = "memberOf"

            [[servers.group_mappings]]
            group_dn = "*"
            org_role = "Viewer"
            # Members of a group may do more; the mapping stands before the one above:
            # [[servers.group_mappings]]
            # group_dn = "cn=GROUP,\(groups)"
            # org_role = "Editor"

            """
    }

    /// For `/etc/gitlab/gitlab.rb`.
    func gitLab() throws(CommandError) -> String {
        let server = try server()
        let encryption = startsTLS ? "start_tls" : scheme == "ldaps" ? "simple_tls" : "plain"
        return """
            # \(header)
            gitlab_rails['ldap_enabled'] = true
            gitlab_rails['ldap_servers'] = {
              'main' => {
                'label' => '\(cluster)',
                'host' => '\(server.host)',
                'port' => \(server.port),
                'uid' => 'uid',
                'encryption' => '\(encryption)',
                'verify_certificates' => true,
                'tls_options' => { 'ca_file' => '\(certificateFile)' },
                'bind_dn' => '\(service)',
                'password' => 'SECRET',
                'active_directory' => false,
                'base' => '\(people)',
                # Only members of a group: '(memberOf=cn=GROUP,\(groups))'
                'user_filter' => '(objectClass=posixAccount)',
                'attributes' => {
                  'username' => ['uid'], 'email' => ['mail'], 'name' => 'cn', 'first_name' => 'givenName', 'last_name' => 'sn'
                }
              }
            }

            """
    }

    /// For `mods-available/ldap` of FreeRADIUS 3. A site uses it with `ldap` in `authorize`, and `Auth-Type LDAP { ldap
    /// }` in `authenticate`.
    func freeRADIUS() throws(CommandError) -> String {
        let server = try server()
        let host = server.host.contains(":") ? "[\(server.host)]" : server.host
        return """
            # \(header)
            ldap {
                server = '\(scheme)://\(host):\(server.port)'
                identity = '\(service)'
                password = 'SECRET'
                base_dn = '\(tree.name(of: cluster))'
                # Passwords are checked by a bind as the user: no attribute holds them.
                update {
                }
                user {
                    base_dn = '\(people)'
                    filter = "(uid=%{%{Stripped-User-Name}:-%{User-Name}})"
                    scope = 'one'
                }
                group {
                    base_dn = '\(groups)'
                    filter = '(objectClass=posixGroup)'
                    scope = 'one'
                    membership_attribute = 'memberOf'
                }
                tls {
                    start_tls = \(startsTLS ? "yes" : "no")
                    ca_file = \(certificateFile)
                    require_cert = 'demand'
                }
            }

            """
    }

    /// For any other application: the settings that it needs, line by line.
    func generic() throws(CommandError) -> String {
        let server = try server()
        return """
            # \(header)
            uri: \(uri)
            host: \(server.host)
            port: \(server.port)
            encryption: \(startsTLS ? "StartTLS" : scheme == "ldaps" ? "TLS" : "none: the server is on this machine")
            certificate: \(certificateFile)
            bind_dn: \(service)
            bind_password: SECRET
            user_base: \(people)
            user_scope: one
            user_filter: (uid=%s)
            user_filter_of_group: (&(uid=%s)(memberOf=cn=GROUP,\(groups)))
            user_class: posixAccount
            user_name: uid
            user_full_name: cn
            user_mail: mail
            group_base: \(groups)
            group_scope: one
            group_class: groupOfNames
            group_name: cn
            group_member: member
            group_filter: (member=%s)

            """
    }
}
