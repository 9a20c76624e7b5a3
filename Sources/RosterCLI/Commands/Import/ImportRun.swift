import Foundation
import RosterCredentials
import RosterDirectory
import RosterImport
import RosterModel
import RosterStore
import Synchronization

/// One import: plan, hash, print, commit. It plans again if another process commits meanwhile.
struct ImportRun {
    /// The name of the file in messages.
    let name: String
    let store: any PlanningStore
    let hashing: any PasswordHashing
    let isVerbose: Bool

    /// How many core seconds one hash takes, for the estimate.
    private static let secondsPerHash = 0.016
    /// How many lines of each kind are printed without `--verbose`.
    private static let shortList = 20

    func perform(_ file: ImportFile, options: ImportOptions, isDryRun: Bool) async throws {
        var planner = ImportPlanner(file, options: options)
        // Hashes are stored by record, so that planning again does not hash again.
        var hashes: [Int: PasswordHash] = [:]
        var imported: Revision?
        var rounds = 0
        while imported == nil {
            rounds += 1
            if rounds > Self.freeRounds, !isDryRun {
                imported = try await performExclusively(planner, hashes: hashes)
                if imported != nil { break }
            }
            let basis = try await store.importBasis(for: planner.clusters, ids: planner.usedIDs)
            let now = Timestamp.now
            let planning = ProgressBar("planning", total: file.records.count)
            var plan = planner.plan(basis: basis, now: now, progress: planning.update)
            planning.finish()
            guard plan.faults.isEmpty else {
                try show(plan)
                throw CommandError("\(name): the import was refused, nothing was changed")
            }
            if isDryRun {
                try show(plan, isDryRun: true)
                if !plan.clearPasswords.isEmpty { try Output.line(estimate(plan.clearPasswords.count)) }
                return
            }
            try await hash(&plan, known: &hashes, now: now)
            try show(plan)
            let change = plan.change(event: LocalAudit.event("ImportUsers", resources: []), now: now)
            let bar = ProgressBar("writing", total: change.users.count)
            do throws(StoreError) {
                let revision = try await store.commit(change, ifNewest: basis.revision, progress: bar.update)
                bar.finish()
                imported = revision
                Self.leakUntilExit(planner, change)
            } catch .outdated {
                bar.finish()
                Output.printDiagnostic("the directory was changed meanwhile: planning again")
            } catch {
                bar.finish()
                throw failure(error)
            }
        }
        if let imported { try Output.line("imported as revision \(imported)") }
    }

    /// How often a plan is executed while others write, before they have to wait for one.
    private static let freeRounds = 3

    /// Plans and commits while nobody else can write.
    /// - Returns: nil if that is impossible because there are new passwords to hash, or the file is refused now. The
    ///   next round reports why.
    private func performExclusively(_ planner: ImportPlanner, hashes: [Int: PasswordHash]) async throws -> Revision? {
        Output.printDiagnostic("the directory goes on being changed: others wait while this is planned and written")
        let executed = ExecutedPlan()
        let planned = PlannedChange(clusters: planner.clusters, ids: planner.usedIDs) { basis in
            var planner = planner
            let now = Timestamp.now
            var plan = planner.plan(basis: basis, now: now) { _ in }
            guard plan.faults.isEmpty else { return nil }
            for password in plan.clearPasswords {
                guard let hash = hashes[password.record] else { return nil }
                plan.setHash(password, hash: hash, now: now)
            }
            executed.plan.withLock { $0 = plan }
            return plan.change(event: LocalAudit.event("ImportUsers", resources: []), now: now)
        }
        let revision: Revision
        do throws(StoreError) {
            revision = try await store.commit(planned) { _ in }
        } catch .outdated {
            return nil
        } catch {
            throw failure(error)
        }
        if let plan = executed.plan.withLock({ $0 }) { try show(plan) }
        return revision
    }

    /// The plan that was committed.
    private final class ExecutedPlan: Sendable {
        let plan = Mutex<ImportPlan?>(nil)
    }

    private func failure(_ error: StoreError) -> CommandError {
        if case .uncertain(let cause) = error {
            return CommandError(
                "\(name): the store went away while it was written, import again to see whether it is there: \(cause)")
        }
        return CommandError("\(name): nothing was changed: \(error)")
    }

    /// Retains both until the process ends, which is about to happen. Releasing millions of texts one by one would take
    /// most of a second; the system frees them all at once.
    private static func leakUntilExit(_ planner: ImportPlanner, _ change: Change) {
        _ = Unmanaged.passRetained(Leaked(planner: planner, change: change))
    }

    private final class Leaked {
        let planner: ImportPlanner
        let change: Change

        init(planner: ImportPlanner, change: Change) {
            self.planner = planner
            self.change = change
        }
    }

    private func show(_ plan: ImportPlan, isDryRun: Bool = false) throws {
        for fault in plan.faults {
            Output.printDiagnostic("\(place(fault.line, fault.source)): \(fault.message)")
        }
        for remark in plan.diagnostics {
            try Output.line("\(place(remark.line, remark.source)): \(remark.message)")
        }
        for declaration in plan.newAttributes {
            try Output.line("new attribute \(declaration.name): \(declaration.summary)")
        }
        for cluster in plan.newClusters where plan.faults.isEmpty {
            try Output.line("new cluster \(cluster.id) in zone \(cluster.zone), mount \(cluster.nasMountPoint)")
            // Nobody reads these lines for hundreds of clusters.
            guard isVerbose || plan.newClusters.count <= Self.shortList else { continue }
            for line in plan.defaults[cluster.id] ?? [] { try Output.line("  \(line)") }
        }
        // A dry run hashes nothing, so it cannot tell whether a clear-text password is the user's current one.
        let unsettled = isDryRun ? Set(plan.clearPasswords.filter { $0.present != nil }.map(\.item)) : []
        // The first few new and unchanged users, and all others.
        var (new, unchanged, leftAlone) = (0, 0, 0)
        let listed = plan.places { verdict in
            switch verdict {
            case .changed, .restored, .skipped: return true
            case .new:
                new += 1
                return isVerbose || new <= Self.shortList
            case .unchanged:
                unchanged += 1
                return isVerbose || unchanged <= Self.shortList
            case .leftAlone:
                leftAlone += 1
                return isVerbose || leftAlone <= Self.shortList
            }
        }
        for index in listed {
            let item = plan.item(index)
            let (kind, detail) =
                switch item.verdict {
                case .new: ("new", "")
                case .changed(let fields): ("changed", " (\(fields.joined(separator: ", ")))")
                case .unchanged: ("unchanged", unsettled.contains(index) ? " (password to be checked)" : "")
                case .restored: ("restored", "")
                case .skipped: ("skipped", " (deleted in Roster)")
                case .leftAlone: ("left alone", "")
                }
            try Output.line(
                "\(place(item.line)): \(kind) \(item.user.username) uid \(item.user.uidNumber) "
                    + "in \(item.user.cluster)\(detail)")
        }
        try showGroups(plan)
        try showMaps(plan)
        let left = plan.items.count - listed.count
        if left > 0 { try Output.line("… and \(left) more; --verbose prints all") }
        try Output.line("plan: \(plan.summary)")
    }

    private func showGroups(_ plan: ImportPlan) throws {
        try show(plan.groupItems, "groups", isNews: { $0.verdict != .unchanged }) { item in
            "\(place(item.line, item.source)): \(item.verdict) group \(item.group.name) gid \(item.group.gidNumber) "
                + "in \(item.group.cluster), listed members: \(item.group.members.count)"
        }
    }

    private func showMaps(_ plan: ImportPlan) throws {
        try show(plan.mapItems, "map entries", isNews: { $0.verdict != .unchanged }) { item in
            "\(place(item.line)): \(item.verdict) \(item.entry.kind.rawValue) \(item.entry.place.text) "
                + "in \(item.entry.cluster)"
        }
    }

    /// Prints the first of the items that are news, or all items with `--verbose`.
    private func show<Item>(
        _ items: [Item], _ noun: String, isNews: (Item) -> Bool, line: (Item) -> String
    ) throws {
        let news = items.filter(isNews)
        for item in isVerbose ? items[...] : news.prefix(Self.shortList) { try Output.line(line(item)) }
        if !isVerbose, news.count > Self.shortList {
            try Output.line("… and \(news.count - Self.shortList) more \(noun); --verbose prints all")
        }
    }

    /// - Parameter source: the file that contains the line; nil is the imported file itself.
    private func place(_ line: Int, _ source: String? = nil) -> String {
        line > 0 ? "\(source ?? name): line \(line)" : source ?? name
    }

    private func estimate(_ count: Int) -> String {
        let seconds = Double(count) * Self.secondsPerHash / Double(ProcessInfo.processInfo.activeProcessorCount)
        return "\(count) clear-text passwords to hash: about \(max(1, Int(seconds.rounded()))) s"
    }

    /// Hashes the clear-text passwords of `plan`, except those that the user already has.
    private func hash(_ plan: inout ImportPlan, known: inout [Int: PasswordHash], now: Timestamp) async throws {
        let waiting = plan.clearPasswords
        guard !waiting.isEmpty else { return }
        if waiting.contains(where: { known[$0.record] == nil }) { Output.printDiagnostic(estimate(waiting.count)) }
        let bar = ProgressBar("hashing", total: waiting.count)
        defer { bar.finish() }
        var done = 0
        // One task per core keeps all cores busy and the hasher's queue short.
        let width = ProcessInfo.processInfo.activeProcessorCount
        try await withThrowingTaskGroup(of: (ImportPlan.ClearPassword, PasswordHash).self) { group in
            var rest = waiting[...]
            func startNext() {
                guard let password = rest.popFirst() else { return }
                let hash = known[password.record]
                group.addTask { (password, try await self.hash(of: password, known: hash)) }
            }
            for _ in 0..<width { startNext() }
            while let (password, hash) = try await group.next() {
                known[password.record] = hash
                plan.setHash(password, hash: hash, now: now)
                done += 1
                bar.update(done)
                startNext()
            }
        }
    }

    /// The user's current hash if the password matches it; otherwise a new one.
    private func hash(of password: ImportPlan.ClearPassword, known: PasswordHash?) async throws -> PasswordHash {
        guard case .clear(let text) = password.text else { return known ?? PasswordHash(stored: "") }
        if let present = password.present, try await hashing.verify(text, against: present) { return present }
        if let known { return known }
        return try await hashing.hash(text)
    }
}
