import GRDB
package import RosterStore

extension SQLiteStore {
    /// Copies the store in the file at `path`, as it is, to a new file at `target`, and changes nothing of it: a store of an
    /// earlier schema stays one. Others may write meanwhile.
    /// - Parameter progress: called with the copied part, from 0 to 1.
    /// - Returns: how far its schema is.
    /// - Throws: `unavailable` if the file is no store, or the copy cannot be written.
    package static func copyUnopened(
        _ path: String, to target: String, progress: @escaping (Double) -> Void
    ) throws(StoreError) -> SchemaState {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let source = try DatabaseQueue(path: path, configuration: configuration)
            let copy = try DatabaseQueue(path: target)
            try backUp(source, to: copy, progress: progress)
            try source.close()
            let migrator = Schema.migrator
            let state = try copy.read { db in
                let made = try migrator.appliedIdentifiers(db)
                return SchemaState(
                    step: made.count, newest: migrator.migrations.count, isNewer: try migrator.hasBeenSuperseded(db))
            }
            try copy.close()
            return state
        } catch {
            throw StoreError(translating: error)
        }
    }

    /// Copies a database, page by page.
    static func backUp(
        _ source: some DatabaseReader, to target: some DatabaseWriter, progress: @escaping (Double) -> Void
    ) throws {
        try source.backup(to: target, pagesPerStep: 4096) { step in
            guard step.totalPageCount > 0 else { return }
            progress(Double(step.completedPageCount) / Double(step.totalPageCount))
        }
    }
}
