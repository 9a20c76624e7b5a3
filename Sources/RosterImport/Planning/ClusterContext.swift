import RosterModel
import RosterStore

extension ImportPlanner {
    /// The state of one cluster while a file is planned: its rows in the directory, and the lines planned so far.
    struct ClusterContext {
        private(set) var cluster: Cluster
        let isNew: Bool
        /// The defaults that a new cluster gets, and why.
        private(set) var defaults: [String] = []
        /// The cluster's own group; nil only for a new cluster without an accepted record.
        private(set) var ownGroup: Group?
        /// The attributes that users can have.
        private var catalog = AttributeCatalog.standard
        private let zone: Zone
        private let homes: HomeTemplate
        private var present: [String: User] = [:]
        private var tombstones: [String: User] = [:]
        private var allocations: [UInt32: IDAllocation] = [:]
        private var lineOfName: [String: Int] = [:]
        private var lineOfUID: [UInt32: Int] = [:]
        /// The homes in records that do not end with the username, and the line where each was first used (0 if not
        /// yet). Only such homes can be shared.
        private var lineOfSharedHome: [String: Int] = [:]

        /// The clusters in the directory.
        static func known(_ basis: ImportBasis, options: ImportOptions) -> [ClusterID: ClusterContext] {
            var contexts: [ClusterID: ClusterContext] = [:]
            for cluster in basis.clusters { contexts[cluster.id] = ClusterContext(cluster, zone: options.zone) }
            for group in basis.groups where group.isPrimary { contexts[group.cluster]?.ownGroup = group }
            for user in basis.users { contexts[user.cluster]?.present[user.username.key] = user }
            // In order of removal, so that the last holder of a name counts.
            for (user, _) in basis.tombstones.sorted(by: { $0.time < $1.time }) {
                contexts[user.cluster]?.tombstones[user.username.key] = user
            }
            for allocation in basis.allocations where allocation.kind == .uid {
                contexts[allocation.cluster]?.allocations[allocation.number] = allocation
            }
            return contexts
        }

        /// The clusters of some records.
        /// - Parameter records: indexes in the file, by the text of their cluster.
        static func contexts(
            of records: [String: [Int]], in file: ImportFile, known: [ClusterID: ClusterContext],
            options: ImportOptions, now: Timestamp
        ) -> [ClusterID: ClusterContext] {
            var contexts: [ClusterID: ClusterContext] = [:]
            for (text, places) in records {
                guard let id = try? ClusterID(text) else { continue }
                var context =
                    known[id]
                    ?? ClusterContext(
                        id, records: places.lazy.map { file.records[$0] }, file: file, options: options, now: now)
                context.catalog = file.catalog
                context.lineOfName.reserveCapacity(places.count)
                context.lineOfUID.reserveCapacity(places.count)
                for place in places {
                    guard let home = file.records[place].homeDirectory,
                        !OddValues.isNamedAfterUser(home: home, username: file.records[place].username)
                    else { continue }
                    context.lineOfSharedHome[home] = 0
                }
                contexts[id] = context
            }
            return contexts
        }

        private init(_ cluster: Cluster, zone: Zone) {
            self.cluster = cluster
            self.zone = zone
            homes = HomeTemplate(cluster.homeTemplate)
            isNew = false
        }

        /// Creates a cluster that the directory does not have. If the file does not give its settings and group, they
        /// are those of most of its records.
        private init(
            _ id: ClusterID, records: some Collection<ImportRecord>, file: ImportFile, options: ImportOptions,
            now: Timestamp
        ) {
            zone = options.zone
            isNew = true
            let count = records.count
            func reason(_ found: Int?, else lack: String) -> String {
                found.map { "as \($0) of \(count) users in the file" } ?? lack
            }
            let found = HomeLayout.mostCommon(in: records)
            let layout = found?.value ?? .standard
            // A shell that refuses logins is for a few accounts and not a default.
            let shell = mostCommon(records.lazy.compactMap(\.loginShell).filter { !$0.letsNobodyIn })
            var cluster = Cluster(
                id: id, zone: options.zone, nasMountPoint: layout.mount, homeTemplate: layout.template,
                loginShell: shell?.value ?? Cluster.defaultLoginShell, createTime: now)
            if let given = file.clusters[id.text] {
                do throws(RosterError) {
                    try given.apply(to: &cluster)
                } catch {
                    defaults = ["its settings in line \(given.line) of the file are not taken: \(error.message)"]
                }
            } else {
                defaults = [
                    "shell \(cluster.loginShell.sanitizedForDisplay()): "
                        + reason(shell?.count, else: "no user in the file has one to log in with"),
                    "homes \(layout.template.sanitizedForDisplay()), mount \(layout.mount.sanitizedForDisplay()): "
                        + reason(found?.count, else: "no user in the file has a home that ends with its name"),
                ]
            }
            self.cluster = cluster
            homes = HomeTemplate(cluster.homeTemplate)
            if let group = file.groups.first(where: { $0.isPrimary && $0.cluster == id.text }),
                let name = Self.groupName(group.name, options), let gid = group.gidNumber
            {
                var own = Group(cluster: id, name: name, gidNumber: gid, isPrimary: true)
                own.createTime = group.createTime ?? now
                own.updateTime = group.updateTime ?? own.createTime
                ownGroup = own
                return
            }
            let groupNames = file.groupNames
            let admin =
                records.first { $0.role == Role.admin.rawValue }
                ?? records.first { $0.role == nil && Username.key(of: $0.username) == Role.admin.rawValue }
            let common = admin?.gidNumber == nil ? mostCommon(records.lazy.compactMap(\.gidNumber)) : nil
            guard let gid = (admin?.gidNumber ?? common?.value).flatMap({ UInt32($0) }) else { return }
            let named =
                groupNames[.init(cluster: id.text, gidNumber: gid)] ?? groupNames[.init(cluster: nil, gidNumber: gid)]
            var own = Group(
                cluster: id,
                name: [named, admin?.username].compactMap { Self.groupName($0, options) }.first ?? id.text,
                gidNumber: gid,
                isPrimary: true)
            (own.createTime, own.updateTime) = (now, now)
            ownGroup = own
            defaults.append(
                "group \(own.name) gid \(gid): "
                    + reason(common?.count, else: "as user \(admin?.username.sanitizedForDisplay() ?? ""), its admin"))
        }

        /// The name, if passwd(5) and group(5) can hold it; otherwise nil.
        private static func groupName(_ text: String?, _ options: ImportOptions) -> String? {
            guard let name = text.flatMap({ try? Username($0) })?.text else { return nil }
            return options.acceptsOdd || OddValues.remark(onName: name) == nil ? name : nil
        }

        /// Plans one record.
        /// - Parameter id: the identifier of a new user.
        /// - Returns: the planned item, and the user as it is in the directory now.
        mutating func plan(
            _ record: ImportRecord, id: HPCUserID?, options: ImportOptions, now: Timestamp
        ) throws(PlanningError) -> (item: ImportPlan.Item, before: User?, diagnostics: [String]) {
            let (allowsBoss, restores) = (options.allowsBoss, options.restores)
            if cluster.zone != zone {
                throw .refused("cluster_id: \(cluster.id) is in zone \(cluster.zone), not \(zone)")
            }
            let fields = try Fields(record, in: catalog)
            let key = fields.username.key
            if let line = lineOfName.updateValue(record.line, forKey: key) {
                throw .conflicting("username \(fields.username) is also in line \(line)")
            }
            if let uid = fields.uidNumber, let line = lineOfUID.updateValue(record.line, forKey: uid) {
                throw .conflicting("uid_number \(uid) is also in line \(line)")
            }
            if options.onlyNew, let before = present[key] {
                return (
                    .init(line: record.line, user: before, verdict: .leftAlone), before,
                    Self.differences(of: before, fields)
                )
            }
            let diagnostics = fields.diagnostics + (try oddities(of: fields, line: record.line, options))
            if let before = present[key] {
                try checkIdentity(of: before, fields)
                try checkRole(fields.role, before: before.role, allowsBoss: allowsBoss)
                var user = before
                fields.update(&user, keepsPassword: options.keepsPasswords)
                let changed = before.namesOfDifferences(from: user)
                if !changed.isEmpty, fields.updateTime == nil { user.updateTime = now }
                if changed.contains("password") { user.passwordTime = now }
                return (
                    .init(line: record.line, user: user, verdict: changed.isEmpty ? .unchanged : .changed(changed)),
                    before, diagnostics
                )
            }
            if let before = tombstones[key] {
                guard restores else {
                    return (.init(line: record.line, user: before, verdict: .skipped), nil, [])
                }
                try checkIdentity(of: before, fields)
                try checkRole(fields.role, before: nil, allowsBoss: allowsBoss)
                var user = before
                fields.update(&user, keepsPassword: false)
                if user.role == .boss, !allowsBoss {
                    throw .refused("role: \(user.username) was boss; allow it with --allow-boss")
                }
                user.updateTime = fields.updateTime ?? now
                return (.init(line: record.line, user: user, verdict: .restored), nil, diagnostics)
            }
            try checkRole(fields.role, before: nil, allowsBoss: allowsBoss)
            return (
                .init(line: record.line, user: try newUser(fields, id: id, now: now), verdict: .new), nil,
                diagnostics
            )
        }

        /// Diagnostics about an odd name, home or shell.
        /// - Throws: the same, if odd users are not accepted.
        private mutating func oddities(
            of fields: Fields, line: Int, _ options: ImportOptions
        ) throws(PlanningError) -> [String] {
            var oddities: [String] = []
            if let remark = OddValues.remark(onName: fields.username.text) { oddities.append("username: \(remark)") }
            if let remark = fields.homeDirectory.flatMap(OddValues.remark(onHome:)) {
                oddities.append("home_directory: \(remark)")
            }
            if let remark = fields.loginShell.flatMap(OddValues.remark(onShell:)) {
                oddities.append("login_shell: \(remark)")
            }
            // Usually there are no such homes, and the lookup costs nothing.
            if let home = fields.homeDirectory, let first = lineOfSharedHome[home],
                !OddValues.sharedHomes.contains(home)
            {
                if first == 0 {
                    lineOfSharedHome[home] = line
                } else {
                    oddities.append("home_directory: is that of line \(first) too")
                }
            }
            guard options.acceptsOdd || oddities.isEmpty else {
                throw .refused("\(oddities.joined(separator: "; ")); --accept-odd takes the user all the same")
            }
            return oddities
        }

        private func newUser(_ fields: Fields, id: HPCUserID?, now: Timestamp) throws(PlanningError) -> User {
            guard let uid = fields.uidNumber else { throw .refused("uid_number: is missing") }
            if let allocation = allocations[uid] {
                let until = allocation.until.map { "until \($0)" } ?? "and has it now"
                throw .conflicting(
                    "uid_number \(uid) was given to \(allocation.name) on \(allocation.from) \(until); "
                        + "a number is never given again")
            }
            guard let gid = fields.gidNumber ?? ownGroup?.gidNumber else { throw .refused("gid_number: is missing") }
            guard let id = fields.id ?? id else { throw .refused("hpcuser_id: is missing") }
            let mount = fields.nasMountPoint ?? cluster.nasMountPoint
            var user = User(
                id: id, cluster: cluster.id, account: fields.account ?? .make(), username: fields.username,
                uidNumber: uid, gidNumber: gid,
                role: fields.role ?? (fields.username.key == Role.admin.rawValue ? .admin : .member),
                mode: fields.mode, nasMountPoint: mount,
                homeDirectory: fields.homeDirectory ?? homes.home(of: fields.username, mount: mount),
                loginShell: fields.loginShell ?? cluster.loginShell, gecos: fields.gecos ?? "",
                createTime: fields.createTime ?? now, updateTime: fields.updateTime ?? fields.createTime ?? now)
            user.password = fields.password
            user.attributes = fields.attributes
            if fields.isLocked { user.state = .locked }
            user.expires = fields.expires
            user.passwordTime = fields.passwordTime
            return user
        }

        /// Remarks about a user that is left alone though the file means somebody else by its name.
        private static func differences(of before: User, _ fields: Fields) -> [String] {
            var differences: [String] = []
            if let uid = fields.uidNumber, uid != before.uidNumber {
                differences.append("uid_number is \(before.uidNumber) in Roster and \(uid) in the file; left alone")
            }
            if let id = fields.id, id != before.id {
                differences.append("hpcuser_id is \(before.id) in Roster and \(id) in the file; left alone")
            }
            return differences
        }

        private func checkIdentity(of before: User, _ fields: Fields) throws(PlanningError) {
            if let uid = fields.uidNumber, uid != before.uidNumber {
                throw .conflicting(
                    "uid_number of \(before.username) is \(before.uidNumber) in Roster and \(uid) in the file; "
                        + "a uid never changes")
            }
            if let id = fields.id, id != before.id {
                throw .conflicting("hpcuser_id of \(before.username) is \(before.id) in Roster and \(id) in the file")
            }
        }

        private func checkRole(_ role: Role?, before: Role?, allowsBoss: Bool) throws(PlanningError) {
            if role == .boss, before != .boss, !allowsBoss {
                throw .refused("role: boss sees and does everything; allow it with --allow-boss")
            }
        }
    }
}

/// The layout of homes, as far as records show it.
private struct HomeLayout: Hashable {
    let mount: String
    let template: String

    private static let directlyBelow = "{nas_mount_point}/{username}"

    /// The layout if no record shows another.
    static let standard = HomeLayout(mount: "/home", template: directlyBelow)

    static func mostCommon(in records: some Sequence<ImportRecord>) -> (value: HomeLayout, count: Int)? {
        RosterImport.mostCommon(records.lazy.compactMap { HomeLayout($0) })
    }

    private init(mount: String, template: String) {
        self.mount = mount
        self.template = template
    }

    private init?(_ record: ImportRecord) {
        let below = "/" + record.username
        if let mount = record.nasMountPoint {
            self.mount = mount
            template =
                record.homeDirectory.map { $0 == mount + below } ?? false
                ? Self.directlyBelow : Cluster.defaultHomeTemplate
            return
        }
        guard let home = record.homeDirectory, home.hasSuffix(below) else { return nil }
        let parent = String(home.dropLast(below.count))
        if parent.hasSuffix("/home"), parent != "/home" {
            mount = String(parent.dropLast("/home".count))
            template = Cluster.defaultHomeTemplate
        } else {
            mount = parent
            template = Self.directlyBelow
        }
    }
}

/// The most frequent value and its count; of several, the one with the smallest description, so that the choice is
/// repeatable.
private func mostCommon<Value: Hashable>(_ values: some Sequence<Value>) -> (value: Value, count: Int)? {
    var counts: [Value: Int] = [:]
    // Equal values usually follow each other.
    var run: (value: Value, count: Int)?
    func end() {
        if let run { counts[run.value, default: 0] += run.count }
    }
    for value in values {
        if run?.value == value {
            run?.count += 1
        } else {
            end()
            run = (value, 1)
        }
    }
    end()
    return counts.max { left, right in
        left.value != right.value ? left.value < right.value : "\(left.key)" > "\(right.key)"
    }.map { ($0.key, $0.value) }
}

extension String {
    /// Whether the login shell refuses every login: a convention, not a lock.
    fileprivate var letsNobodyIn: Bool { hasSuffix("/nologin") || hasSuffix("/false") }
}
