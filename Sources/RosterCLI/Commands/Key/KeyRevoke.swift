import ArgumentParser
import RosterModel
import RosterStore

extension KeySubcommand {
    /// `roster key revoke`: revokes an access key.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke an access key; it stops working within a second, on a running server too.")

        @OptionGroup var data: StoreOptions

        @Argument(help: ArgumentHelp("The access_key_id.", valueName: "id"))
        var id: String

        func run() async throws {
            let store = try await data.open(isMade: false).store
            guard var key = try await store.accessKeys().first(where: { $0.id.text == id }) else {
                throw CommandError("there is no access key \(id.sanitizedForDisplay())")
            }
            if let time = key.revokeTime {
                try Output.line("\(key.id) was revoked on \(time) already")
                return
            }
            key.revokeTime = .now
            var change = Change(time: .now)
            change.keys = [key]
            change.events = [LocalAudit.event("RevokeAccessKey", resources: [key.id.text])]
            _ = try await store.commit(change)
            try Output.line("revoked \(key.id)")
        }
    }
}
