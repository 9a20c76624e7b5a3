import ArgumentParser
import Foundation
import RosterCredentials
import RosterStore

extension StoreSubcommand {
    /// `roster store copy`: copies a directory into an empty store and verifies the copy.
    struct Copy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy a whole directory into an empty store, and prove that both are equal.",
            discussion: """
                Everything goes along: users that were removed, the ledger of numbers, access keys, the operation log. Both
                stores are sealed with the same key: that of the data folder, or the one of --seal-key.
                Stop the servers of the old store first: what is written there while it is copied stays there.

                Examples:
                  roster store copy --from /var/lib/roster --to postgres://roster@db1,db2/roster
                  roster store copy --from postgres://roster@db1,db2/roster --to ./copy --seal-key /etc/roster/seal.key
                """)

        @Option(help: ArgumentHelp("A data folder or a connection string of PostgreSQL.", valueName: "store"))
        var from: String

        @Option(help: ArgumentHelp("The same; it must be empty or not there.", valueName: "store"))
        var to: String

        @Option(help: ArgumentHelp("The file of the seal key, where both are databases.", valueName: "file"))
        var sealKey: String?

        func run() async throws {
            guard from != to else { throw ValidationError("--from and --to are the same.") }
            let key = try keyPath()
            guard PostgresStoreFactory.isMeant(by: from) || FileManager.default.fileExists(atPath: from + "/roster.db")
            else {
                throw CommandError("there is no store in \(from)")
            }
            let source = try await Self.open(from, key: key)
            if !PostgresStoreFactory.isMeant(by: to) { try DataFolder.prepare(to, withKey: key) }
            let target = try await Self.open(to, key: key, isPrepared: true)
            try await Self.copy(source, target)
        }

        private static func copy(_ source: StoreHandle, _ target: StoreHandle) async throws {
            guard source.sealKey == target.sealKey else {
                throw CommandError("the two stores are sealed with different keys")
            }
            let sent = try await StoreSum.copy(from: source.store, to: target.store)
            let found = try await StoreSum.read(target.store, "checking")
            guard sent == found else {
                throw CommandError(
                    "the copy is not equal: \(sent.count) records with the checksum \(sent) were sent, "
                        + "\(found.count) with \(found) are there; do not use it")
            }
            try Output.line("copied and compared: \(sent.count) records, checksum \(sent)")
        }

        /// The path of the key of both stores.
        private func keyPath() throws -> String {
            if let path = sealKey ?? StoreOptions.environment("seal_key") { return path }
            for place in [from, to] where !PostgresStoreFactory.isMeant(by: place) {
                let path = place + "/seal.key"
                if FileManager.default.fileExists(atPath: path) { return path }
            }
            throw CommandError("name the key that seals the secrets of both with --seal-key")
        }

        private static func open(_ place: String, key: String, isPrepared: Bool = false) async throws -> StoreHandle {
            guard PostgresStoreFactory.isMeant(by: place) else {
                return StoreHandle(try DataFolder(place, isPrepared: isPrepared))
            }
            try PostgresStoreFactory.refusePassword(in: place)
            return try await PostgresSource(place, keyPath: key).open()
        }
    }
}
