/// Judges the records of a file against each other and against what the directory holds.
package struct ImportPlanner {
    private let file: ImportFile
    private let options: ImportOptions
    /// The identifier of each record: the file's, or one made here before the store is asked which are taken.
    private var ids: [HPCUserID?]
    /// Whether the file gives an identifier to two records.
    private var hasTwins = false
    /// The records of each cluster by the text of its identifier, as places in the file.
    private var recordsByCluster: [String: [Int]] = [:]

    /// The clusters that the file names, as far as they are well formed: what the basis is asked for.
    package private(set) var clusters: Set<ClusterID> = []
    /// The identifiers that new users would get.
    package private(set) var usedIDs: Set<HPCUserID> = []

    package init(_ file: ImportFile, options: ImportOptions) {
        self.file = file
        self.options = options
        ids = []
        ids.reserveCapacity(file.records.count)
        usedIDs.reserveCapacity(file.records.count)
        for text in file.records.lazy.map(\.hpcUserID) {
            var id = text.flatMap { try? HPCUserID($0) }
            if let id {
                if !usedIDs.insert(id).inserted { hasTwins = true }
            } else if text == nil {
                repeat { id = .make() } while id.map { !usedIDs.insert($0).inserted } ?? false
            }
            ids.append(id)
        }
        // Records of one cluster mostly stand together.
        var start = 0
        while start < file.records.count {
            let cluster = file.records[start].cluster
            let end =
                file.records.indices[start...].first { file.records[$0].cluster != cluster } ?? file.records.count
            recordsByCluster[cluster ?? options.cluster?.text ?? "", default: []].append(contentsOf: start..<end)
            start = end
        }
        clusters = Set(recordsByCluster.keys.compactMap { try? ClusterID($0) })
        if let cluster = options.cluster { clusters.insert(cluster) }
    }

    /// The plan at `basis`.
    /// - Parameter progress: called now and then with how many records were judged so far.
    package mutating func plan(
        basis: ImportBasis, now: Timestamp, progress: (Int) -> Void = { _ in }
    ) -> ImportPlan {
        replaceTakenIDs(basis)
        var plan = ImportPlan(revision: basis.revision)
        plan.faults = file.faults.map { .init(line: $0.line, kind: .refused, message: $0.message) }
        plan.remarks = file.skipped
        var contexts = ClusterContext.contexts(
            for: file, records: recordsByCluster, options: options, basis: basis, now: now)
        plan.reserveCapacity(file.records.count)
        var ownerOfID: [HPCUserID: Int] = [:]
        // A copy of a record or context would count the references to all its texts: each is used where it lies.
        let records = file.records
        for index in records.indices {
            if index % 10_000 == 0 { progress(index) }
            do throws(Fault) {
                let cluster = try clusterID(records[index].cluster)
                if hasTwins, records[index].hpcUserID != nil, let id = ids[index] {
                    if let line = ownerOfID.updateValue(records[index].line, forKey: id) {
                        throw .conflicting("hpcuser_id \(id) is also in line \(line)")
                    }
                }
                guard
                    let (item, before) = try contexts[cluster]?.judge(
                        records[index], id: ids[index], allowsBoss: options.allowsBoss, restores: options.restores,
                        now: now)
                else { throw .refused("cluster_id: \(cluster) was not looked up") }
                // A user that is there, or comes back, was compared by its name already.
                if item.verdict == .new, let owner = basis.takenIDs[item.user.id] {
                    throw .conflicting("hpcuser_id \(item.user.id) belongs to another user, of cluster \(owner)")
                }
                try note(records[index], index: index, item: item, before: before, in: &plan)
            } catch {
                plan.faults.append(.init(line: records[index].line, kind: error.kind, message: error.message))
            }
        }
        plan.faults.sort { $0.line < $1.line }
        for context in contexts.values.sorted(by: { $0.cluster.id < $1.cluster.id }) where context.isNew {
            guard let group = context.ownGroup else { continue }
            plan.newClusters.append(context.cluster)
            plan.newGroups.append(group)
        }
        return plan
    }

    private mutating func replaceTakenIDs(_ basis: ImportBasis) {
        guard !basis.takenIDs.isEmpty else { return }
        for (index, record) in file.records.enumerated() where record.hpcUserID == nil {
            while let id = ids[index], basis.takenIDs[id] != nil {
                var fresh = HPCUserID.make()
                while !usedIDs.insert(fresh).inserted { fresh = .make() }
                ids[index] = fresh
            }
        }
    }

    /// - Parameter text: what the record says.
    private func clusterID(_ text: String?) throws(Fault) -> ClusterID {
        guard let text else {
            guard let cluster = options.cluster else {
                throw .refused("the file names no cluster here; say which with --cluster-id")
            }
            return cluster
        }
        let cluster = try Fault.refusing { () throws(RosterError) in try ClusterID(text) }
        if let asked = options.cluster, asked != cluster {
            throw .refused("cluster_id: the file says \(cluster), --cluster-id says \(asked)")
        }
        return cluster
    }

    /// Adds `item` to the plan, with what has to be said about its password.
    private func note(
        _ record: ImportRecord, index: Int, item: ImportPlan.Item, before: User?, in plan: inout ImportPlan
    ) throws(Fault) {
        if item.verdict == .skipped {
            plan.remarks.append(
                ImportRemark(
                    line: record.line,
                    "\(item.user.username) was deleted in Roster and stays deleted; --restore brings it back"))
        } else if let password = record.password {
            switch password {
            case .hash: break
            case .unsupported(let scheme):
                plan.remarks.append(
                    ImportRemark(
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
        plan.append(item)
    }
}

extension ImportPlanner {
    /// Why a record cannot be taken.
    struct Fault: Error {
        let kind: ImportPlan.Fault.Kind
        let message: String

        static func conflicting(_ message: String) -> Fault { Fault(kind: .conflicting, message: message) }
        static func refused(_ message: String) -> Fault { Fault(kind: .refused, message: message) }

        static func refusing<Value>(_ body: () throws(RosterError) -> Value) throws(Fault) -> Value {
            do { return try body() } catch { throw .refused(error.message) }
        }
    }
}
