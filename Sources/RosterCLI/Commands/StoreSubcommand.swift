import ArgumentParser
import Foundation
import RosterCredentials
import RosterDirectory
import RosterModel
import RosterStore
import Synchronization

struct StoreSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Copy, check and prepare stores.",
        subcommands: [Copy.self, Checksum.self, Migrate.self, MakeKey.self])

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
            let target = try await Self.open(to, key: key)
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

        /// Where the key of both stores lies.
        private func keyPath() throws -> String {
            if let path = sealKey ?? StoreOptions.environment("seal_key") { return path }
            for place in [from, to] where !PostgresStoreFactory.isMeant(by: place) {
                let path = place + "/seal.key"
                if FileManager.default.fileExists(atPath: path) { return path }
            }
            throw CommandError("name the key that seals the secrets of both with --seal-key")
        }

        private static func open(_ place: String, key: String) async throws -> StoreHandle {
            guard PostgresStoreFactory.isMeant(by: place) else { return StoreHandle(try DataFolder(place)) }
            try PostgresStoreFactory.refusePassword(in: place)
            return try await PostgresStoreFactory.open(place, keyPath: key, waits: false)
        }
    }

    struct Checksum: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a checksum of everything in a store.",
            discussion: """
                Two stores with the same checksum hold the same: a backup that was restored, for one.

                Example:
                  roster store checksum --store postgres://roster@db1,db2/roster --seal-key /etc/roster/seal.key
                """)

        @OptionGroup var data: StoreOptions

        func run() async throws {
            let sum = try await StoreSum.read(try await data.open().store, "reading")
            try Output.line("\(sum.count) records, checksum \(sum)")
        }
    }

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make or upgrade the schema of a store, and stop.",
            discussion: """
                Every command does this by itself where it may. Where the servers' database role may not change the schema, run
                this as the role that owns it, before the servers are upgraded.

                Example:
                  roster store migrate --store postgres://roster_owner@db1,db2/roster --seal-key /etc/roster/seal.key
                """)

        @OptionGroup var data: StoreOptions

        func run() async throws {
            let opened = try await data.open()
            try Output.line("the schema is up to date: \(opened.commandLine)")
        }
    }

    struct MakeKey: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key that seals secrets, for replicas on PostgreSQL.",
            discussion: """
                Every replica needs the same file, mode 0600. Who loses it loses every access key. A data folder makes its own.

                Example:
                  roster store make-key /etc/roster/seal.key
                """)

        @Argument(help: ArgumentHelp("Where to put it; nothing may be there.", valueName: "file"))
        var file: String

        func run() throws {
            do {
                try SealKeyFile.makeNew(at: file)
            } catch {
                throw CommandError("\(error)")
            }
            try Output.line("made \(file); keep a copy where your backups are, and give it to every replica")
        }
    }
}

/// Checksums of whole stores, with progress.
private enum StoreSum {
    /// Copies everything from `source` to `target`; gives the checksum of what was sent.
    static func copy(from source: any CopyableStore, to target: any CopyableStore) async throws -> ContentSum {
        let sum = Counted("copying")
        let channel = BoundedChannel(seen: sum.add)
        let reading = Task { try await source.export(to: channel) }
        let writing = Task { try await target.restore(from: channel) }
        let (read, written) = (await reading.result, await writing.result)
        // Where the source fails, that is the reason, and what the target says only its consequence; where the target fails, the
        // source says nothing.
        for case .failure(let error) in [read, written] {
            if case StoreError.uncertain(let cause) = error {
                throw CommandError(
                    "whether the copy was made is not known, look with roster store checksum: \(cause)")
            }
            throw CommandError("nothing was copied: \(error)")
        }
        return sum.finish()
    }

    static func read(_ store: any CopyableStore, _ title: String) async throws -> ContentSum {
        let sum = Counted(title)
        try await store.export(to: BoundedChannel(hasReceiver: false, seen: sum.add))
        return sum.finish()
    }

    /// A checksum that grows, and the line that shows it.
    private final class Counted: Sendable {
        private let sum = Mutex(ContentSum())
        private let title: String

        init(_ title: String) {
            self.title = title
        }

        var add: @Sendable (StoreRecord) -> Void {
            { record in
                let count = self.sum.withLock { sum in
                    sum.add(record.canonicalBytes)
                    return sum.count
                }
                if count.isMultiple(of: 100_000) { Output.note("\(self.title): \(count) records") }
            }
        }

        func finish() -> ContentSum { sum.withLock { $0 } }
    }
}
