package import RosterModel
package import RosterStore

/// Plans the records of a file against each other and against the directory.
package struct ImportPlanner {
    let file: ImportFile
    let options: ImportOptions
    /// The identifier of each record: the file's, or one generated here, before the store is asked which are taken.
    private(set) var ids: [HPCUserID?]
    private let makeID: @Sendable () -> HPCUserID
    /// Whether two records of the file have the same identifier.
    private(set) var hasDuplicateIDs = false
    /// The indexes of the records of each cluster, by the text of its identifier.
    private(set) var recordsByCluster: [String: [Int]] = [:]

    /// The valid clusters that the file names, for which the basis must be read.
    package private(set) var clusters: Set<ClusterID> = []
    /// The identifiers that new users would get.
    package private(set) var usedIDs: Set<HPCUserID> = []

    /// Prepares the planning of `file`.
    /// - Parameter makeID: generates a random identifier; tests may choose one.
    package init(
        _ file: ImportFile, options: ImportOptions, makeID: @escaping @Sendable () -> HPCUserID = { .make() }
    ) {
        self.file = file
        self.options = options
        self.makeID = makeID
        ids = []
        ids.reserveCapacity(file.records.count)
        usedIDs.reserveCapacity(file.records.count)
        for text in file.records.lazy.map(\.hpcUserID) {
            let id = text.flatMap { try? HPCUserID($0) }
            if let id, !usedIDs.insert(id).inserted { hasDuplicateIDs = true }
            ids.append(id)
        }
        // After those of the file, so that none of them is generated for another record.
        for (index, record) in file.records.enumerated() where record.hpcUserID == nil {
            var id = makeID()
            while !usedIDs.insert(id).inserted { id = makeID() }
            ids[index] = id
        }
        // Records of one cluster usually follow each other.
        var start = 0
        while start < file.records.count {
            let cluster = file.records[start].cluster
            let end =
                file.records.indices[start...].first { file.records[$0].cluster != cluster } ?? file.records.count
            recordsByCluster[cluster ?? options.cluster?.text ?? "", default: []].append(contentsOf: start..<end)
            start = end
        }
        clusters = Set(recordsByCluster.keys.compactMap { try? ClusterID($0) })
        clusters.formUnion(file.groups.lazy.compactMap(\.cluster).compactMap { try? ClusterID($0) })
        clusters.formUnion(file.mapEntries.lazy.compactMap(\.cluster).compactMap { try? ClusterID($0) })
        if let cluster = options.cluster { clusters.insert(cluster) }
    }

    /// Plans the file at `basis`.
    /// - Parameter progress: called from time to time with the number of records planned so far.
    package mutating func plan(
        basis: ImportBasis, now: Timestamp, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> ImportPlan {
        replaceTakenIDs(basis)
        var plan = ImportPlan(revision: basis.revision)
        plan.faults = file.faults.map { .init(line: $0.line, kind: .refused, message: $0.message, source: $0.source) }
        plan.diagnostics = file.skipped
        planDeclarations(&plan, basis: basis, now: now)
        var newClusters: [ClusterContext] = []
        let (users, parts) = planUsers(basis: basis, now: now, progress: progress)
        for part in parts {
            plan.append(part.plan)
            newClusters += part.newClusters
        }
        plan.setUsers(users)
        plan.faults.sort { $0.line < $1.line }
        for context in newClusters.sorted(by: { $0.cluster.id < $1.cluster.id }) {
            guard let group = context.ownGroup else { continue }
            plan.newClusters.append(context.cluster)
            plan.defaults[context.cluster.id] = context.defaults
            plan.newGroups.append(group)
        }
        planGroups(&plan, basis: basis, now: now)
        plan.diagnostics += clusterDiagnostics(basis, made: Set(plan.newClusters.map(\.id.text)))
        plan.diagnostics += weakPasswords
        plan.diagnostics += sharedKeys(plan, basis: basis)
        planMaps(&plan, basis: basis, now: now)
        plan.diagnostics.sort { $0.line < $1.line }
        return plan
    }

    /// Plans the attributes that the file declares and the directory does not have.
    private func planDeclarations(_ plan: inout ImportPlan, basis: ImportBasis, now: Timestamp) {
        var declared = basis.attributes.filter { $0.removeTime == nil }
        for var declaration in file.declarations where !declared.contains(where: { $0.key == declaration.key }) {
            if let other = declared.first(where: { $0.oid == declaration.oid }) {
                plan.faults.append(
                    .init(
                        line: 0, kind: .conflicting,
                        message: "attribute \(declaration.name): its object identifier is that of \(other.name)"))
            } else if declared.count >= AttributeDeclaration.maximumCount {
                plan.faults.append(
                    .init(
                        line: 0, kind: .refused,
                        message: "attribute \(declaration.name): a site declares "
                            + "\(AttributeDeclaration.maximumCount) attributes at most"))
            } else {
                if declaration.createTime == LDIFEntry.unknownTime { declaration.createTime = now }
                declared.append(declaration)
                plan.newAttributes.append(declaration)
            }
        }
    }

    /// Diagnostics about clusters whose settings are in the file but are not used.
    private func clusterDiagnostics(_ basis: ImportBasis, made: Set<String>) -> [ImportDiagnostic] {
        let present = Dictionary(basis.clusters.map { ($0.id.text, $0) }) { first, _ in first }
        return file.clusters.sorted { $0.value.line < $1.value.line }.compactMap { id, cluster in
            if made.contains(id) { return nil }
            guard var changed = present[id] else {
                return ImportDiagnostic(
                    line: cluster.line, "cluster \(id.quoted): no user of it is taken, and it is not made")
            }
            let before = changed
            try? cluster.apply(to: &changed)
            guard changed != before else { return nil }
            return ImportDiagnostic(
                line: cluster.line, "cluster \(id.quoted): is there already and keeps its settings")
        }
    }

    /// One diagnostic for each weak scheme of passwords in the file.
    private var weakPasswords: [ImportDiagnostic] {
        var counts: [String: (line: Int, count: Int)] = [:]
        for record in file.records {
            guard case .hash(let hash) = record.password, let scheme = hash.weakScheme else { continue }
            counts[scheme, default: (record.line, 0)].count += 1
        }
        return counts.sorted { ($0.value.line, $0.key) < ($1.value.line, $1.key) }.map { scheme, found in
            ImportDiagnostic(
                line: found.line,
                "password: the scheme \(scheme) is weak; such passwords in the file: \(found.count), the first one here"
            )
        }
    }

    private mutating func replaceTakenIDs(_ basis: ImportBasis) {
        guard !basis.takenIDs.isEmpty else { return }
        for (index, record) in file.records.enumerated() where record.hpcUserID == nil {
            while let id = ids[index], basis.takenIDs[id] != nil {
                var fresh = makeID()
                while !usedIDs.insert(fresh).inserted { fresh = makeID() }
                ids[index] = fresh
            }
        }
    }
}

extension ImportPlanner {
    /// Why a record cannot be imported.
    struct PlanningError: Error {
        let kind: ImportPlan.Fault.Kind
        let message: String

        static func conflicting(_ message: String) -> PlanningError {
            PlanningError(kind: .conflicting, message: message)
        }
        static func refused(_ message: String) -> PlanningError { PlanningError(kind: .refused, message: message) }

        static func refusing<Value>(_ body: () throws(RosterError) -> Value) throws(PlanningError) -> Value {
            do { return try body() } catch { throw .refused(error.message) }
        }
    }
}
