import RosterDirectory
import RosterModel
import RosterSnapshot

/// A request whose signature and time hold: who asks, and what they may see in the snapshot that answers.
struct AuthenticatedRequest {
    let request: SignedRequest
    let zone: Zone?
    let actor: CommandActor
    let snapshot: Snapshot
    /// The time at which the request was authenticated.
    let now: Timestamp

    var scope: Scope { actor.scope }

    /// The zone of the query, which a read must name.
    /// - Throws: `invalidParameter` where it is missing.
    func requiredZone() throws(RosterError) -> Zone {
        guard let zone else { throw .invalid("zone", "is missing") }
        return zone
    }

    /// Whose key signed, where signature and time hold. What the key may do is not asked: rights may come with a later revision.
    static func signer(
        of request: SignedRequest, _ common: CommonParameters, directory: Directory
    ) -> Principal? {
        let key = directory.snapshot.key(common.accessKeyID)
        // An unknown key costs what a known one does.
        guard (key?.verifier ?? directory.dummyVerifier).accepts(request), let key else { return nil }
        do {
            try common.checkTime(now: directory.now)
            return key.principal
        } catch {
            return nil
        }
    }

    /// Checks signature, then time.
    /// - Parameter origin: the address that the request came from.
    /// - Throws: `notAuthenticated`, `requestExpired`.
    init(
        _ request: SignedRequest, _ common: CommonParameters, directory: Directory, origin: String
    ) throws(RosterError) {
        let snapshot = directory.snapshot
        let now = directory.now
        let key = snapshot.key(common.accessKeyID)
        // An unknown key costs what a known one does, and is told the same.
        let isAccepted = (key?.verifier ?? directory.dummyVerifier).accepts(request)
        guard let key, isAccepted else { throw Authorization.notAuthenticated }
        // Only a write is remembered.
        let digest = request.method == "GET" ? [] : directory.digest(of: request)
        guard let digest else { throw Authorization.notAuthenticated }
        let scope = try Authorization.scope(of: key.principal, in: snapshot, at: now)
        try common.checkTime(now: now)
        self.request = request
        self.snapshot = snapshot
        self.now = now
        zone = common.zone
        actor = CommandActor(
            principal: key.principal, scope: scope, key: common.accessKeyID, origin: origin, digest: digest,
            expires: common.expires)
    }
}
