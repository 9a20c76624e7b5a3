import Roster
import RosterCredentials

#if PostgreSQL
    import RosterPostgres

    /// The store in a PostgreSQL.
    enum DistributedStore {
        /// Whether `text` names a PostgreSQL, rather than a folder.
        static func isMeant(by text: String) -> Bool { ServerAddress.isMeant(by: text) }

        /// - Throws: `CommandFailure` where the string holds a password, which the list of processes shows.
        static func refusePassword(in text: String) throws {
            guard try address(text).hasPassword else { return }
            throw CommandFailure(
                "a password in --store shows in the list of processes: put it into ~/.pgpass, or the whole string into "
                    + "ROSTER_STORE in the environment")
        }

        /// - Parameter waits: whether a database that cannot be reached is waited for.
        /// - Throws: `CommandFailure` with one line that says what to do.
        static func open(_ text: String, keyPath: String, waits: Bool) async throws -> OpenStore {
            let address = try address(text)
            let key = try sealKey(at: keyPath)
            var told: String?
            while true {
                do throws(PostgresStore.OpenFault) {
                    return OpenStore(
                        store: try await PostgresStore.open(address, sealing: key), sealKey: key,
                        shown: "--store \"\(address.shown)\"", folder: nil)
                } catch {
                    guard waits, error.isAway else { throw CommandFailure("\(error)") }
                    if told != error.description { Output.note("\(error); trying again until it is there") }
                    told = error.description
                }
                try await Task.sleep(for: .seconds(2))
            }
        }

        private static func sealKey(at path: String) throws -> SealKey {
            do {
                return try SealKeyFile.open(at: path)
            } catch {
                throw CommandFailure("\(error)")
            }
        }

        private static func address(_ text: String) throws -> ServerAddress {
            do {
                return try ServerAddress(text)
            } catch {
                throw CommandFailure("--store: \(error)")
            }
        }
    }
#else
    /// No PostgreSQL: the package was built without the trait, and libpq is not needed.
    enum DistributedStore {
        static func isMeant(by text: String) -> Bool {
            text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
        }

        static func refusePassword(in text: String) throws {}

        static func open(_ text: String, keyPath: String, waits: Bool) async throws -> OpenStore {
            throw CommandFailure("this roster was built without PostgreSQL: name a data folder with --data")
        }
    }
#endif
