import ArgumentParser
import RosterModel

extension UserSubcommand {
    /// `roster user list`: lists users through the API.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List users through the signed API.",
            discussion: """
                The server, the key and the zone come from flags, then from the environment (ROSTER_ENDPOINT,
                ROSTER_ACCESS_KEY_ID, ROSTER_SECRET_ACCESS_KEY, ROSTER_ZONE), then from ~/.config/roster/config.yaml
                (endpoint, access_key_id, secret_access_key, zone) or the vendor's ~/.qingcloud/config.yaml. The secret is
                never a flag: others on the machine could read it.

                Examples:
                  roster user list --zone zone1
                  roster user list --zone zone1 --cluster-id hpc-qig9xu97 --search-word zhang --all
                  roster user list --zone zone1 --search-word @example.org --search-in mail --state locked --verbose
                  roster user list --zone zone1 --cluster-id hpc-qig9xu97 --not-used-since 180d --all
                  curl -s "$(roster user list --zone zone1 --print-url)"
                """)

        @OptionGroup var client: ClientOptions

        @Option(help: ArgumentHelp("Only this cluster's users.", valueName: "hpc-…"), completion: .clusters)
        var clusterID: String?

        @Option(help: ArgumentHelp("Only users of this account.", valueName: "usr-…"))
        var userID: String?

        @Option(help: ArgumentHelp("Only names that hold this, whatever their case.", valueName: "word"))
        var searchWord: String?

        @Option(help: ArgumentHelp("Where to look for it: username, full_name, mail, uid_number.", valueName: "fields"))
        var searchIn: String?

        @Option(help: "Only users in this state: active, locked or expired.")
        var state: String?

        @Option(help: "Only users with this role: boss, admin or member.")
        var role: String?

        @Option(help: "Only users of this name.")
        var username: String?

        @Option(help: "Only users with this uid.")
        var uidNumber: String?

        @Option(help: "Only users whose primary group has this gid.")
        var gidNumber: String?

        @Option(help: ArgumentHelp("Only members of this group.", valueName: "name"), completion: .groups)
        var group: String?

        @Flag(help: "Only users who have no password, and cannot log in with one.")
        var withoutPassword = false

        @OptionGroup var logins: LastLoginOptions

        @Flag(help: "Show state, expiry, groups, home, shell and last login, too.")
        var verbose = false

        @Option(parsing: .unconditional, help: "How many users a page has, at most 100; default 10.")
        var limit: String?

        @Option(parsing: .unconditional, help: "How many users to pass over.")
        var offset: String?

        @Option(help: "create_time (default), update_time, username or uid_number.")
        var sortKey: String?

        @Flag(help: "Turn the order round.")
        var reverse = false

        @Flag(help: "Follow the pages to the end.")
        var all = false

        @Flag(help: "Print the answer as it came; with --all, each on a line of its own.")
        var json = false

        @Flag(help: "Print the signed URL instead of calling it; it is good for 60 seconds.")
        var printURL = false

        func run() async throws {
            let unused = try logins.parameter
            let api = try await client.open()
            if printURL {
                try Output.line(api.url(path: Self.path, parameters: parameters(offset: offset, unused)))
                return
            }
            let columns = verbose ? UserListResponse.verboseColumns : UserListResponse.columns
            var table = Table(columns)
            var seen: Set<String> = []
            var total = 0
            var next = offset
            while true {
                let body = try await api.get(path: Self.path, parameters: parameters(offset: next, unused))
                if json { try Output.raw(String(decoding: body, as: UTF8.self) + "\n") }
                let response = try ResponseEnvelope.decode(UserListResponse.self, from: body)
                let before = seen.count
                for user in response.users where seen.insert(user["hpcuser_id"] ?? "").inserted {
                    table.add(user.cells(of: columns))
                }
                total = response.totalCount
                // A page without new users is the end, whatever total the server reports.
                guard all, seen.count > before, let start = Int(offset ?? "0"), start < total - seen.count else {
                    break
                }
                next = String(start + seen.count)
            }
            if !json {
                try Output.raw(table.text)
                Output.printDiagnostic("\(seen.count) of \(total) users")
            }
        }

        private static let path = "/api/user"

        private func parameters(offset: String?, _ unused: (String, String?)) -> [(name: String, value: String)] {
            let pairs = [
                ("cluster_id", clusterID), ("user_id", userID), ("search_word", searchWord), ("search_in", searchIn),
                ("state", state), ("role", role), ("username", username), ("uid_number", uidNumber),
                ("gid_number", gidNumber), ("group_name", group), ("verbose", verbose ? "1" : nil),
                ("limit", limit ?? (all ? "100" : nil)), ("offset", offset), ("sort_key", sortKey),
                ("reverse", reverse ? "1" : nil), ("has_password", withoutPassword ? "0" : nil), unused,
            ]
            return pairs.compactMap { name, value in value.map { (name, $0) } }
        }
    }
}
