import ArgumentParser
import RosterModel
import Testing

@testable import RosterCLI

@Suite struct CommandParsingTests {
    /// The commands that run, with the words that call them.
    private static let commands = leaves(of: RosterCommand.self, [])

    private static func leaves(
        of command: any ParsableCommand.Type, _ words: [String]
    ) -> [(words: [String], type: any ParsableCommand.Type)] {
        let subcommands = command.configuration.subcommands
        guard !subcommands.isEmpty else { return [(words, command)] }
        return subcommands.flatMap { leaves(of: $0, words + [$0._commandName]) }
    }

    /// A line of arguments as a shell without quotes splits it.
    private static func split(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

    // MARK: Every command

    @Test func everyCommandRefusesAnOptionThatItDoesNotHave() {
        #expect(Self.commands.count > 20)
        for command in Self.commands {
            #expect(throws: (any Error).self, "\(command.words)") {
                _ = try RosterCommand.parseAsRoot(command.words + ["--no-such-option", "x"])
            }
        }
    }

    @Test func everyCommandSaysWhatItDoes() {
        for command in Self.commands {
            let abstract = command.type.configuration.abstract
            #expect(abstract.hasSuffix("."), "\(command.words)")
            #expect(
                RosterCommand.helpMessage(for: command.type).contains(
                    "USAGE: roster \(command.words.joined(separator: " "))"))
        }
    }

    @Test func everyExampleInTheHelpIsUnderstood() throws {
        for command in Self.commands {
            for line in command.type.configuration.discussion.split(separator: "\n") {
                // A pipe's last part, without where its output goes.
                let words = Self.split(String(line.split(separator: "|").last ?? "")).prefix { $0 != ">" }
                guard words.first == "roster" else { continue }
                let arguments = words.dropFirst().map { $0.filter { $0 != "\"" } }
                let parsed = try RosterCommand.parseAsRoot(arguments)
                #expect(type(of: parsed) == command.type, "\(line)")
            }
        }
    }

    // MARK: Arguments

    @Test(arguments: [
        "serve", "serve --data d --http [::1]:80 --homes --home-root /share,/lab --log-level debug",
        "serve --data d --ldap :389 --tls-refresh 5",
        "serve --store postgres://h/d --seal-key k", "import --zone z", "import --zone z -",
        "import --zone z --format ldif --min-uid 0 f", "import --zone z --min-uid 4294967295 f",
        "key create --user-id u --operator", "key create --reader --cluster-id c --json", "key list", "key revoke X",
        "user list --limit -5 --offset -1 --all --json", "user list --print-url", "user show --cluster-id c n",
        "user show --cluster-id c --uid-number 1", "user add --cluster-id c -- -n", "user add n",
        "user modify --cluster-id c n --own",
        "user delete --cluster-id c n", "user lock --cluster-id c n", "user unlock --cluster-id c n",
        "user expire --cluster-id c n --at never", "cluster list --reverse", "cluster create",
        "cluster create --data d --zone z --uid-first 1", "cluster modify c --description x", "group list",
        "group create --cluster-id c g --gid-number 5", "group add --cluster-id c g a b",
        "group remove --cluster-id c g a",
        "group delete --cluster-id c g", "uid history --cluster-id c --uid-number 5 --data d",
        "operation list --jobs j-1,j-2", "operation verify --head 1:ff", "ldap config --client nslcd --cluster-id c",
        "store copy --from a --to b", "store checksum --data d", "store migrate --store s", "store make-key f",
        "version", "version --json",
    ])
    func isUnderstood(line: String) throws {
        let words = Self.split(line)
        let parsed = try RosterCommand.parseAsRoot(words)
        let expected = Self.commands.first { words.starts(with: $0.words) }
        #expect(expected.map { type(of: parsed) == $0.type } == true)
    }

    @Test(arguments: [
        ("nonsense", "nonsense"), ("user nonsense", "nonsense"), ("import", "--zone"), ("import --zone z a b", "b"),
        ("import --zone z --min-uid -1 f", "--min-uid"), ("import --zone z --min-uid 4294967296 f", "4294967296"),
        ("import --zone z --min-uid 1e3 f", "1e3"), ("import --zone z --data d --store s f", "--data or --store"),
        ("serve --data d --store s", "--data or --store"), ("serve --data d --seal-key k", "--seal-key"),
        ("serve --data", "--data"), ("serve --homes=yes", "--homes"), ("serve extra", "extra"),
        ("key create", "--user-id"), ("key create --reader --user-id u", "--user-id"),
        ("key create --reader --operator", "--operator"), ("key create --user-id u --cluster-id c", "--cluster-id"),
        ("key revoke", "<id>"), ("user show --cluster-id c", "--uid-number"),
        ("user show --cluster-id c n --uid-number 1", "--uid-number"), ("user add", "<name>"),
        ("user add --cluster-id c", "<name>"), ("user add --cluster-id c -n", "Name users"),
        ("user add --cluster-id c n --password hunter2", "--password"), ("user expire --cluster-id c n", "--at"),
        ("user list --secret-access-key x", "--secret-access-key"), ("cluster modify", "<hpc-…>"),
        ("group add --cluster-id c g", "<name>"), ("group create --cluster-id c", "<group>"),
        ("uid history --cluster-id c", "--uid-number"), ("ldap config --cluster-id c", "--client"),
        ("ldap config --client winbind --cluster-id c", "winbind"), ("store copy --from a", "--to"),
        ("store make-key", "<file>"), ("store make-key a b", "b"),
    ])
    func isRefusedWithWhatIsWrong(line: String, named: String) throws {
        let error = #expect(throws: (any Error).self) { _ = try RosterCommand.parseAsRoot(Self.split(line)) }
        let message = error.map { RosterCommand.fullMessage(for: $0) } ?? ""
        #expect(message.contains(named), "\(message)")
        #expect(RosterCommand.exitCode(for: try #require(error)) == .validationFailure)
    }

    // MARK: What commands make of them

    @Test func settingsOfAClusterAreSentByTheirNamesInTheAPI() throws {
        let parsed = try RosterCommand.parseAsRoot(
            ["cluster", "modify", "c", "--uid-first", "5", "--nas-mount-point", "/a b", "--description", ""])
        let modify = try #require(parsed as? ClusterSubcommand.Modify)
        #expect(modify.settings.members == ["uid_first": "5", "nas_mount_point": "/a b", "description": ""])
    }

    @Test(arguments: [
        ["--uid-first", "0"], ["--uid-first", "4294967295"], ["--uid-last", "1e5"], ["--uid-last", " 5"],
        ["--uid-first", ""], ["--name-rule", "Portable"], ["--password-rule", "none"],
    ])
    func aMalformedSettingOfAClusterIsRefusedBeforeTheStoreIsOpened(arguments: [String]) throws {
        let settings = try ClusterSettingOptions.parse(arguments)
        #expect(throws: (any Error).self) { try settings.command(.init(stored: "hpc-a")) }
    }

    @Test func aPageIsAskedForAsWritten() throws {
        let page = try PageOptions.parse(["--limit", "-1", "--offset", "x y", "--reverse"])
        let parameters = page.parameters.compactMap { name, value in value.map { "\(name)=\($0)" } }
        #expect(parameters == ["limit=-1", "offset=x y", "reverse=1"])
    }

    @Test(arguments: [
        ("127.0.0.1:8080", "127.0.0.1:8080"), ("[::1]:0", "[::1]:0"), ("::1:80", "[::1]:80"),
        ("a.b:65535", "a.b:65535"),
    ])
    func anAddressIsHostAndPort(text: String, shown: String) throws {
        #expect(try Address(text).description == shown)
    }

    @Test(arguments: ["", ":", "a", "a:", ":80", "[]:80", "a:65536", "a:-1", "a:8 0", "a:99999999999999999999"])
    func anythingElseIsNoAddress(text: String) {
        #expect(throws: CommandError.self) { try Address(text) }
    }
}
