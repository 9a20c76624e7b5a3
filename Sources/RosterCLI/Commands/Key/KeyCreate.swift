import ArgumentParser
import RosterCredentials
import RosterModel
import RosterStore

extension KeySubcommand {
    /// `roster key create`: creates an access key and prints its secret once.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an access key and print its secret, once.",
            discussion: """
                Three kinds of key:
                  --user-id U              sees and does what U's users may: boss, admin of a cluster, or member
                  --user-id U --operator   sees and does everything
                  --reader                 lists and searches only: all clusters, or the one of --cluster-id

                Examples:
                  roster key create --data /var/lib/roster --user-id usr-vceaHsJu
                  roster key create --data /var/lib/roster --reader --cluster-id hpc-qig9xu97 --json
                """)

        @OptionGroup var data: StoreOptions

        @Option(help: ArgumentHelp("The account that the key stands for.", valueName: "usr-XXXXXXXX"))
        var userID: String?

        @Flag(name: .customLong("operator"), help: "The key sees and does everything.")
        var isOperator = false

        @Flag(name: .customLong("reader"), help: "The key lists and searches, and changes nothing.")
        var isReader = false

        @Option(
            help: ArgumentHelp("The only cluster that a reader key sees.", valueName: "hpc-…"), completion: .clusters)
        var clusterID: String?

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard (userID != nil) != isReader else {
                throw ValidationError("Give either --user-id (with or without --operator) or --reader.")
            }
            if isOperator, isReader { throw ValidationError("A key is either --operator or --reader.") }
            if clusterID != nil, !isReader { throw ValidationError("--cluster-id belongs to --reader.") }
        }

        func run() async throws {
            let principal = try principal()
            let opened = try await data.open()
            let id = AccessKeyID.make()
            let secret = RequestSigning.makeSecretAccessKey()
            let key = AccessKey(
                id: id, principal: principal, secret: try opened.sealKey.seal(Array(secret.utf8), of: id.text),
                createTime: .now)
            var change = Change(time: .now)
            change.keys = [key]
            var event = LocalAudit.event("CreateAccessKey", resources: [id.text])
            event.message = "\(principal.kind) key for \(principal.bound)"
            change.events = [event]
            _ = try await opened.store.commit(change)
            do {
                try Output.raw(
                    json
                        ? #"{"access_key_id":"\#(id)","secret_access_key":"\#(secret)"}"# + "\n"
                        : "access_key_id: \(id)\nsecret_access_key: \(secret)\n")
            } catch {
                throw CommandError(
                    "\(error); nobody has the secret of \(id) now: revoke it with roster key revoke \(opened.commandLine) \(id)"
                )
            }
            if !json { Output.printDiagnostic("Keep the secret now: it is not shown again.") }
            if case .account(let account) = principal {
                Output.printDiagnostic("It gives what the users of \(account) may do; nothing while there is none.")
            }
        }

        private func principal() throws -> Principal {
            if isReader { return .reader(try clusterID.map { try ClusterID($0) }) }
            let account = try AccountID(userID ?? "")
            return isOperator ? .operator(account) : .account(account)
        }
    }
}
