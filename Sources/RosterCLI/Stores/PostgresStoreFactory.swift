import RosterCredentials
import RosterModel
import RosterStore

#if PostgreSQL
    import RosterPostgres

    /// Opens the store in a PostgreSQL database.
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

        /// - Parameter waits: whether to wait for a database that cannot be reached.
        /// - Throws: `CommandError` with one line that says what to do.
        static func open(_ text: String, keyPath: String, waits: Bool) async throws -> StoreHandle {
            let address = try address(text)
            let key = try sealKey(at: keyPath)
            var told: String?
            while true {
                do throws(PostgresStore.OpenError) {
                    return StoreHandle(
                        store: try await PostgresStore.open(address, sealing: key), sealKey: key,
                        commandLine: "--store \"\(address.redacted)\"", folder: nil)
                } catch {
                    guard waits, error.isAway else { throw CommandError("\(error)") }
                    if told != error.description { Output.printDiagnostic("\(error); trying again until it is there") }
                    told = error.description
                }
                try await Task.sleep(for: .seconds(2))
            }
        }

        private static func sealKey(at path: String) throws -> SealKey {
            do {
                return try SealKeyFile.open(at: path)
            } catch {
                throw CommandError("\(error)")
            }
        }

        private static func address(_ text: String) throws -> ServerAddress {
            do {
                return try ServerAddress(text)
            } catch {
                throw CommandError("--store: \(error)")
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

        static func open(_ text: String, keyPath: String, waits: Bool) async throws -> StoreHandle {
            throw CommandError("this roster was built without PostgreSQL: name a data folder with --data")
        }
    }
#endif
