import ArgumentParser
import Glibc
import RosterImport
import RosterLDAP
import RosterModel
import RosterSnapshot
import RosterStore

extension UserSubcommand {
    /// `roster user export`: writes users and groups from the store itself.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write users and groups for other programs, or for an import.",
            discussion: """
                Reads the store itself, as it is now; a server may run meanwhile. LDIF has everything: an import of it into an
                empty store gives the same clusters, users, groups, map entries, passwords, locks and keys again, in the one
                zone that the import names. passwd, shadow and group
                are the lines of the files of that name, of one cluster. csv and json have no passwords; several values of an
                attribute stand in one cell of csv with | between them, which a value may hold too.

                Examples:
                  roster user export --data /var/lib/roster --format ldif --output site.ldif
                  roster user export --data /var/lib/roster --cluster-id hpc-qig9xu97 --format passwd
                  roster user export --data /var/lib/roster --format ldif --only-standard | slapadd
                """)

        @OptionGroup var data: StoreOptions

        @Option(help: "csv, ldif, json, passwd, shadow or group.")
        var format: String

        @Option(help: "Only the clusters of this zone.")
        var zone: String?

        @Option(help: ArgumentHelp("Only this cluster.", valueName: "hpc-…"))
        var clusterID: String?

        @Option(help: ArgumentHelp("A new file, mode 0600; standard output where not given.", valueName: "file"))
        var output: String?

        @Flag(help: "Leave passwords out of LDIF and shadow.")
        var withoutPasswords = false

        @Flag(help: "Leave out of LDIF what only Roster knows, so that any server takes it.")
        var onlyStandard = false

        @Option(help: ArgumentHelp("The base of the entries of LDIF.", valueName: "name"))
        var base: String?

        func run() async throws {
            guard let format = ExportFormat(rawValue: format) else {
                throw ValidationError("--format is one of csv, ldif, json, passwd, shadow and group.")
            }
            let zone = try zone.map { try Zone($0) }
            let id = try clusterID.map { try ClusterID($0) }
            let baseText = base ?? DirectoryInformationTree.defaultBase
            guard let base = DistinguishedName(Array(baseText.utf8)[...]) else {
                throw ValidationError("--base is not a distinguished name (RFC 4514).")
            }
            let store = try await data.open(isMade: false).store
            let contents = try await store.load { count in
                if count.isMultiple(of: 500_000), count > 0 { Output.printDiagnostic("reading: \(count) users") }
            }
            let snapshot = Snapshot(contents, prepareKey: { _ in nil })
            let clusters = snapshot.clusterIDs.sorted().compactMap { snapshot.cluster($0) }.filter { cluster in
                (zone == nil || cluster.zone == zone) && (id == nil || cluster.id == id)
            }
            guard !clusters.isEmpty else {
                throw CommandError(
                    (["the store has no cluster"] + [id?.text, zone.map { "in zone \($0)" }].compactMap(\.self))
                        .joined(separator: " "))
            }
            guard clusters.count == 1 || !format.isOfOneCluster else {
                throw CommandError(
                    "\(format.rawValue) cannot tell \(clusters.count) clusters apart: name one with --cluster-id")
            }
            if format == .ldif, Set(clusters.map(\.zone)).count > 1 {
                Output.printDiagnostic("LDIF does not say zones: an import puts all clusters into one")
            }
            var writer = ExportWriter(
                format, base: base, withPasswords: !withoutPasswords, onlyStandard: onlyStandard,
                catalog: snapshot.attributes)
            let target = try ExportTarget(output)
            var count = 0
            for cluster in clusters {
                writer.begin(cluster)
                count += try write(cluster, of: snapshot, &writer, to: target)
            }
            try target.finish(writer.drain())
            Output.printDiagnostic(
                "\(count) users of \(clusters.count) \(clusters.count == 1 ? "cluster" : "clusters")")
        }

        /// - Returns: how many users it wrote.
        private func write(
            _ cluster: Cluster, of snapshot: Snapshot, _ writer: inout ExportWriter, to target: ExportTarget
        ) throws -> Int {
            let pageSize = UserQuery.maximumLimit
            var offset = 0
            while true {
                let query = UserQuery(
                    zone: cluster.zone, cluster: cluster.id, sortKey: .uidNumber, offset: offset, limit: pageSize)
                let page = try snapshot.page(query, scope: .all)
                for user in page.users {
                    writer.append(user, groups: snapshot.groups(ofMember: user.id, in: cluster.id).map(\.name).sorted())
                }
                try target.write(writer.drain())
                offset += page.rows.count
                if page.rows.count < pageSize { break }
            }
            for group in snapshot.groups(of: cluster.id) {
                writer.append(group, members: members(of: group, in: snapshot))
            }
            if let maps = snapshot.maps(of: cluster.id) {
                for entry in maps.all { writer.append(entry) }
            }
            return offset
        }

        private func members(of group: Group, in snapshot: Snapshot) -> ExportedMembers {
            func names(_ members: [HPCUserID]) -> [String] {
                members.compactMap { snapshot.user($0, in: group.cluster)?.username.text }
            }
            return ExportedMembers(
                listed: (names(group.members) + snapshot.memberNames(of: group)).sorted(),
                groups: snapshot.memberGroups(of: group).map(\.name),
                all: (names(snapshot.members(of: group)) + snapshot.allMemberNames(of: group)).sorted())
        }
    }
}

/// The destination of an export: standard output, or a new file that only its owner can read.
private final class ExportTarget {
    private let file: Int32
    private let path: String?

    /// - Throws: `CommandError` if something exists at `path`, or the file cannot be created.
    init(_ path: String?) throws {
        self.path = path
        guard let path else {
            file = STDOUT_FILENO
            return
        }
        // The content is as secret as the store.
        file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw CommandError(
                errno == EEXIST
                    ? "\(path) is there already: it is not overwritten" : "cannot make \(path): \(systemError())")
        }
    }

    func write(_ bytes: [UInt8]) throws {
        guard let path else { return try Output.raw(bytes) }
        guard Output.write(bytes, to: file) else { throw failure(path) }
    }

    /// Writes the rest and syncs it to the disk.
    func finish(_ bytes: [UInt8]) throws {
        try write(bytes)
        guard let path else { return }
        guard fsync(file) == 0, close(file) == 0 else { throw failure(path) }
    }

    /// The error in `errno`. Deletes the file, because half an export looks like a complete one.
    private func failure(_ path: String) -> CommandError {
        let error = CommandError("cannot write \(path): \(systemError())")
        unlink(path)
        return error
    }
}
