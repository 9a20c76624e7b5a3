import Logging
import RosterLDAP

extension Setting {
    /// Every setting, in the order of the documentation. One that stands here is read from files and the environment.
    static let all: [Setting] = [
        Setting("http", .address, default: "127.0.0.1:8080", help: "Where the API is served."),
        Setting(
            "https", .address, needs: ["tls_certificate", "tls_key"],
            help: "Where the API is served encrypted, beside http."),
        Setting("ldap", .address, help: "Where nodes resolve users over LDAP; StartTLS with a certificate."),
        Setting(
            "ldaps", .address, needs: ["tls_certificate", "tls_key"],
            help: "Where nodes resolve users over LDAP that is encrypted from the start."),
        Setting(
            "metrics", .address,
            help: "Where /metrics for Prometheus and /health are served, without authentication."),
        Setting(
            "ldap_base", .ldapName, default: DirectoryInformationTree.defaultBase, help: "The base of the LDAP tree."),
        Setting(
            "ldap_naming", .choice(DirectoryInformationTree.RDNAttribute.allCases.map(\.rawValue)), default: "uid",
            help: "What LDAP entries of users are named by."),
        Setting(
            "ldap_clear_passwords", .flag, default: "false",
            help: "Take passwords in clear over a network, not over loopback only."),
        Setting(
            "ldap_filter_parts", .number(1...SearchFilter.maximumNodes, of: ""), default: "256",
            help: "How many parts the filter of a search may have."),
        Setting(
            "keep_weak_hashes", .flag, default: "false",
            help:
                "Keep imported passwords in weak schemes as they are, instead of hashing them again at the next login."),
        Setting(
            "tls_certificate", .file, reload: .contents, needs: ["tls_key"],
            help: "A PEM file with the server's certificate and its chain."),
        Setting(
            "tls_key", .file, reload: .contents, needs: ["tls_certificate"],
            help: "A PEM file with the key of the certificate."),
        Setting(
            "tls_refresh", .number(1...86_400, of: "seconds"), default: "60",
            help: "After how many seconds both files are read again."),
        Setting(
            "rate", .rate, default: "2000/3600", reload: .atOnce,
            help: "How many calls an account key may make in how many seconds."),
        Setting(
            "trusted_proxies", .proxies, reload: .atOnce, help: "The proxies whose X-Forwarded-For is believed."),
        Setting(
            "user_set", .choice(["both", "user_set", "users_set"]), default: "both",
            help: "What the list of users is called in answers."),
        Setting(
            "log_level", .choice(Logger.Level.allCases.map(\.rawValue)), default: "info", reload: .atOnce,
            help: "From which level lines are logged."),
        Setting(
            "log_format", .choice(ServerLog.Format.allCases.map(\.rawValue)), default: "text",
            help: "The format of the lines of the log."),
        Setting(
            "access_log", .file, reload: .contents,
            help: "A file with a line for each response over HTTP, in the combined format."),
        Setting("homes", .flag, default: "false", needs: ["home_root"], help: "Make the homes of added users."),
        Setting("home_root", .folders, needs: ["homes"], help: "Below which folders homes may be made."),
        Setting("skeleton", .folder, default: "/etc/skel", help: "What a new home is filled with."),
        Setting(
            "store", .store,
            help:
                "A PostgreSQL in the place of a data folder: any connection string of libpq, as a flag without a password."
        ),
        Setting("seal_key", .file, needs: ["store"], help: "With store, the file of the key that seals secrets."),
        Setting(
            "endpoint", .url, default: "http://127.0.0.1:8080", side: .client, help: "The server that commands call."),
        Setting("zone", .text, side: .client, help: "The zone of the clusters."),
        Setting(
            "cluster_id", .text, side: .client,
            help: "The cluster of commands that name none; else the zone's only one."),
        Setting("access_key_id", .text, side: .client, help: "The key that commands sign with."),
        Setting(
            "secret_access_key", .text, isSecret: true, side: .client,
            help: "The secret of that key; it is never a flag."),
        Setting("qy_access_key_id", .text, side: .client, help: "access_key_id, as the vendor's file has it."),
        Setting(
            "qy_secret_access_key", .text, isSecret: true, side: .client,
            help: "secret_access_key, as the vendor's file has it."),
    ]
}
