import RosterModel
import RosterStore
import Synchronization

// Records are planned cluster by cluster and never compared with those of another cluster. So a large file is cut where
// one cluster has ended and another begins, and the cores share the parts.
extension ImportPlanner {
    /// The plan of consecutive records.
    struct Part: Sendable {
        /// The plan without its users.
        var plan: ImportPlan
        /// The clusters that the directory does not have yet.
        var newClusters: [ClusterContext]
    }

    /// The minimum number of records of a part.
    private static let partSize = 20_000
    /// The maximum number of parts: more than most machines have cores, so that no core waits long for the last part.
    private static let mostParts = 16

    /// Plans all records.
    /// - Returns: the users of all items, and the plans of consecutive records without their users.
    func planUsers(
        basis: ImportBasis, now: Timestamp, progress: @escaping @Sendable (Int) -> Void
    ) -> (elements: [User], parts: [Part]) {
        let known = ClusterContext.known(basis, options: options)
        let planned = Mutex(0)
        return ParallelArray.build(independentRanges()) { range, users in
            plan(range, users: &users, known: known, basis: basis, now: now) { count in
                planned.withLock { total in
                    total += count
                    progress(total)
                }
            }
        }
    }

    /// Ranges of records of about the same size, no two of which share a cluster.
    private func independentRanges() -> [Range<Int>] {
        let count = file.records.count
        let size = max(Self.partSize, count / Self.mostParts)
        // Duplicate identifiers must be searched for in all records.
        guard count > size, !hasDuplicateIDs else { return [0..<count] }
        let spans = recordsByCluster.values.compactMap { places in
            places.first.flatMap { first in places.last.map { first...$0 } }
        }.sorted { $0.lowerBound < $1.lowerBound }
        var ranges: [Range<Int>] = []
        var (start, end) = (0, 0)
        for span in spans {
            // Where this cluster begins, all earlier ones may have ended.
            if span.lowerBound >= end, end - start >= size {
                ranges.append(start..<end)
                start = end
            }
            end = max(end, span.upperBound + 1)
        }
        return ranges + [start..<count]
    }

    /// Plans the records of `range` in order, and appends the users of the plan to `users`.
    /// - Parameter progress: called from time to time with the number of records since the last call.
    private func plan(
        _ range: Range<Int>, users: inout ParallelArray.Section<User>, known: [ClusterID: ClusterContext],
        basis: ImportBasis, now: Timestamp, progress: (Int) -> Void
    ) -> Part {
        var part = ImportPlan(revision: basis.revision)
        var contexts = ClusterContext.contexts(
            of: recordsByCluster.filter { $0.value.first.map(range.contains) ?? false }, in: file, known: known,
            options: options, now: now)
        var ownerOfID: [HPCUserID: Int] = [:]
        // Records and contexts are accessed in place: a copy would count references to all their texts.
        let records = file.records
        for index in range {
            if index % 10_000 == 0 { progress(10_000) }
            do throws(PlanningError) {
                let cluster = try clusterID(records[index].cluster)
                if hasDuplicateIDs, records[index].hpcUserID != nil, let id = ids[index] {
                    if let line = ownerOfID.updateValue(records[index].line, forKey: id) {
                        throw .conflicting("hpcuser_id \(id) is also in line \(line)")
                    }
                }
                guard
                    let (item, before, diagnostics) = try contexts[cluster]?.plan(
                        records[index], id: ids[index], options: options, now: now)
                else { throw .refused("cluster_id: \(cluster) was not looked up") }
                // An existing or restored user has already been compared by name.
                if item.verdict == .new, let owner = basis.takenIDs[item.user.id] {
                    throw .conflicting("hpcuser_id \(item.user.id) belongs to another user, of cluster \(owner)")
                }
                for text in diagnostics {
                    part.diagnostics.append(
                        ImportDiagnostic(line: records[index].line, "\(item.user.username): \(text)"))
                }
                try add(records[index], index: index, item: item, before: before, users: &users, in: &part)
            } catch {
                part.faults.append(.init(line: records[index].line, kind: error.kind, message: error.message))
            }
        }
        return Part(plan: part, newClusters: contexts.values.filter(\.isNew))
    }

    /// The cluster of a record.
    /// - Parameter text: the cluster that the record names.
    private func clusterID(_ text: String?) throws(PlanningError) -> ClusterID {
        guard let text else {
            guard let cluster = options.cluster else {
                throw .refused("the file names no cluster here; say which with --cluster-id")
            }
            return cluster
        }
        let cluster = try PlanningError.refusing { () throws(RosterError) in try ClusterID(text) }
        if let asked = options.cluster, asked != cluster {
            throw .refused("cluster_id: the file says \(cluster), --cluster-id says \(asked)")
        }
        return cluster
    }

    /// Adds `item` to the plan, with diagnostics about its password.
    private func add(
        _ record: ImportRecord, index: Int, item: ImportPlan.Item, before: User?,
        users: inout ParallelArray.Section<User>, in plan: inout ImportPlan
    ) throws(PlanningError) {
        if item.verdict == .skipped {
            plan.diagnostics.append(
                ImportDiagnostic(
                    line: record.line,
                    "\(item.user.username) was deleted in Roster and stays deleted; --restore brings it back"))
        } else if item.verdict != .leftAlone, let password = record.password {
            if options.keepsPasswords, before?.password != nil { plan.keptPasswords += 1 }
            switch password {
            case .hash: break
            case _ where options.keepsPasswords && before?.password != nil: break
            case .unsupported(let scheme):
                plan.diagnostics.append(
                    ImportDiagnostic(
                        line: record.line,
                        "\(item.user.username): a password in scheme \(scheme) cannot be verified here and is left out")
                )
            case .excessive(let scheme):
                throw .refused("password: its \(scheme) hash would take too long to verify")
            case .clear(let text):
                guard text.utf8.count <= 256, !text.utf8.contains(0) else {
                    throw .refused("password: longer than 256 bytes, or holds a NUL")
                }
                plan.clearPasswords.append(
                    .init(item: plan.count, record: index, text: password, present: before?.password))
            }
        }
        plan.append(item, users: &users)
    }
}
