import RosterCredentials
import RosterModel
import RosterStore

#if PostgreSQL
    import RosterPostgres

    /// Addresses of PostgreSQL.
    enum PostgresStoreFactory {
        /// Whether `text` is an address of PostgreSQL rather than a folder.
        static func isMeant(by text: String) -> Bool { ServerAddress.isMeant(by: text) }

        /// Why `text` is not an address of PostgreSQL; nil if it is one. Quotes nothing of it.
        static func fault(in text: String) -> String? {
            do {
                _ = try ServerAddress(text)
                return nil
            } catch {
                return error.description
            }
        }

        /// The address without its password.
        static func redacted(_ text: String) -> String {
            ((try? ServerAddress(text))?.redacted ?? "(hidden)").sanitizedForDisplay(limit: 1000)
        }

        /// - Throws: `CommandError` if the string contains a password, which the process list would show.
        static func refusePassword(in text: String) throws {
            guard try address(text).hasPassword else { return }
            throw CommandError(
                "a password in --store shows in the list of processes: put it into ~/.pgpass, or the whole string into "
                    + "ROSTER_STORE in the environment")
        }

        fileprivate static func address(_ text: String) throws -> ServerAddress {
            do {
                return try ServerAddress(text)
            } catch {
                throw CommandError("--store: \(error)")
            }
        }
    }

    /// A database and the key of its secrets, before the database is asked.
    struct PostgresSource {
        private let address: ServerAddress
        private let key: SealKey

        /// How long a database that cannot be reached is left alone.
        private static let retryPause = Duration.seconds(2)

        /// - Parameter keyPath: the file of the seal key.
        /// - Throws: `CommandError` with one line that says what to do.
        init(_ text: String, keyPath: String) throws {
            address = try PostgresStoreFactory.address(text)
            do {
                key = try SealKeyFile.open(at: keyPath)
            } catch {
                throw CommandError("\(error)")
            }
        }

        /// Where it is, for messages that anybody may read.
        var place: String { address.place }

        /// How far its schema is, and what else keeps this program from using it. Changes nothing.
        /// - Throws: `CommandError` if the database cannot be reached or read.
        func inspect() async throws -> (state: SchemaState, faults: [String]) {
            do {
                return try await PostgresStore.inspect(address, sealing: key)
            } catch {
                throw CommandError("\(error)")
            }
        }

        /// Opens the store.
        /// - Parameter onWait: is told why the database cannot be reached, each time that it was tried; nil does not wait
        ///   for it.
        /// - Throws: `CommandError` with one line that says what to do.
        func open(onWait: (@Sendable (String) -> Void)? = nil) async throws -> StoreHandle {
            while true {
                do throws(PostgresStore.OpenError) {
                    return StoreHandle(
                        store: try await PostgresStore.open(address, sealing: key), sealKey: key,
                        commandLine: "--store \"\(address.redacted)\"", folder: nil)
                } catch {
                    guard let onWait, error.isAway else { throw CommandError("\(error)") }
                    onWait("\(error)")
                }
                try await Task.sleep(for: Self.retryPause)
            }
        }
    }
#else
    /// No PostgreSQL: the package was built without the trait and does not need libpq.
    enum PostgresStoreFactory {
        static func isMeant(by text: String) -> Bool {
            text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
        }

        static func fault(in text: String) -> String? {
            isMeant(by: text) ? nil : "not an address of PostgreSQL, such as postgres://roster@db1,db2/roster"
        }

        static func redacted(_ text: String) -> String { "(hidden)" }

        static func refusePassword(in text: String) throws {}

    }

    /// There is none: it cannot be made.
    struct PostgresSource {
        private let never: Never

        init(_ text: String, keyPath: String) throws {
            throw CommandError("this roster was built without PostgreSQL: name a data folder with --data")
        }

        var place: String { "PostgreSQL" }

        func inspect() async throws -> (state: SchemaState, faults: [String]) {}

        func open(onWait: (@Sendable (String) -> Void)? = nil) async throws -> StoreHandle {}
    }
#endif
