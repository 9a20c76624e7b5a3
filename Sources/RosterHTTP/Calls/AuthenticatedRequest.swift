import RosterDirectory
import RosterModel
import RosterSnapshot

/// A request with a valid signature and time: who the caller is, and what it may see in the snapshot that answers it.
struct AuthenticatedRequest {
    let request: SignedRequest
    let zone: Zone?
    let actor: CommandActor
    let snapshot: Snapshot
    /// The time at which the request was authenticated.
    let now: Timestamp

    var scope: Scope { actor.scope }

    /// The zone of the query, which every read must name.
    /// - Throws: `invalidParameter` if it is missing.
    func requiredZone() throws(RosterError) -> Zone {
        guard let zone else { throw .invalid("zone", "is missing") }
        return zone
    }

    /// The principal of the key that signed, if signature and time are valid. The key's rights are not checked, because
    /// a later revision may grant them.
    static func signer(
        of request: SignedRequest, _ common: CommonParameters, directory: Directory
    ) -> Principal? {
        let key = directory.snapshot.key(common.accessKeyID)
        // An unknown key costs as much time as a known one.
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
        // An unknown key costs as much time as a known one, and gets the same error.
        let isAccepted = (key?.verifier ?? directory.dummyVerifier).accepts(request)
        guard let key, isAccepted else { throw Authorization.notAuthenticated }
        // Only writes are remembered.
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
