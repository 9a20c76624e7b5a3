package import RosterModel
import RosterSnapshot
import RosterStore

/// A command about the map entries of a cluster. Its syntax is checked, its rights and rules are not.
package enum MapCommand: Sendable {
    /// Creates an entry, or replaces the one at the same place.
    case upsert(MapEntry.Kind, at: MapPlace, MapAttributes)
    /// - withSubordinates: whether to remove the entries below it too; if false, there must be none.
    case remove(MapPlace, withSubordinates: Bool)

    /// The action's name in the operation log.
    package var action: String {
        switch self {
        case .upsert: "PutMapEntry"
        case .remove: "RemoveMapEntry"
        }
    }

    package var place: MapPlace {
        switch self {
        case .upsert(_, let place, _), .remove(let place, _): place
        }
    }
}

/// Executes commands about map entries, for every server.
package struct MapCommandHandler: Sendable {
    private let runner: CommandExecutor

    /// A handler that commits to `directory`.
    package init(directory: Directory) {
        runner = CommandExecutor(directory: directory)
    }

    /// Executes `command` in `cluster` and returns its job. The same signed request again gets the first response.
    /// - Throws: `notFound`, `permissionDenied`, `invalidParameter`, `busy`, `readOnly`, `internalError`.
    package func execute(
        _ command: MapCommand, cluster: ClusterID, zone: Zone, by actor: CommandActor
    ) async throws(RosterError) -> JobID {
        let description = CommandExecutor.AuditInfo(
            action: command.action, cluster: cluster, resource: command.place.text)
        return try await runner.run(description, by: actor) { snapshot, actor throws(RosterError) in
            let (cluster, _) = try snapshot.cluster(cluster, in: zone, scope: actor.scope)
            try actor.authorization.requireMapChange(of: cluster.id)
            var plan = MapCommandPlan(cluster: cluster.id, snapshot: snapshot, now: runner.directory.now)
            try plan.apply(command)
            return .init(change: plan.change, preconditions: plan.preconditions, summary: plan.summary)
        }
    }
}

/// The change that a command about a map entry of one cluster makes at one snapshot.
private struct MapCommandPlan {
    let cluster: ClusterID
    let maps: ClusterMaps?
    var change: Change
    var preconditions: Preconditions
    var summary = ""

    init(cluster: ClusterID, snapshot: Snapshot, now: Timestamp) {
        self.cluster = cluster
        maps = snapshot.maps(of: cluster)
        change = Change(time: now)
        preconditions = Preconditions(at: snapshot.revision)
        preconditions.clusters = [cluster]
    }

    /// - Throws: `notFound`, `permissionDenied`, `invalidParameter`.
    mutating func apply(_ command: MapCommand) throws(RosterError) {
        switch command {
        case .upsert(let kind, let place, let attributes): try upsert(kind, at: place, attributes)
        case .remove(let place, let withSubordinates): try remove(place, withSubordinates: withSubordinates)
        }
    }

    private mutating func upsert(
        _ kind: MapEntry.Kind, at place: MapPlace, _ attributes: MapAttributes
    ) throws(RosterError) {
        var entry = try MapEntry(cluster: cluster, kind: kind, place: place, attributes: attributes, time: change.time)
        if let before = maps?[place.key] {
            entry.createTime = before.createTime
            preconditions.mapEntries = [entry.key]
            summary = "replaced"
        } else {
            guard maps?.count ?? 0 < MapEntry.maximumCount else {
                throw .invalid("place", "a cluster has \(MapEntry.maximumCount) map entries at most")
            }
            if let above = place.parent {
                guard let parent = maps?[above.key] else { throw above.missing(in: cluster) }
                // The parent is written too, so that a concurrent removal of it conflicts and one of the two is
                // replanned.
                change.mapEntries.append(parent)
                preconditions.mapEntries = [parent.key]
            }
            summary = "made"
        }
        change.mapEntries.append(entry)
    }

    private mutating func remove(_ place: MapPlace, withSubordinates: Bool) throws(RosterError) {
        guard let maps, let entry = maps[place.key] else { throw place.missing(in: cluster) }
        let below = maps.entries(below: place.key).map(\.key)
        guard withSubordinates || below.isEmpty else {
            throw RosterError(
                .permissionDenied, .parameter("place"),
                "\(place.text.sanitizedForDisplay()) has \(below.count) entries below it")
        }
        change.removedMapEntries = below + [entry.key]
        preconditions.mapEntries = Set(change.removedMapEntries)
        summary = "removed \(change.removedMapEntries.count)"
    }
}
