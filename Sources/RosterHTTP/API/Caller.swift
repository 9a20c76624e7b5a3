import Roster

/// A request whose signature and time hold: who asks, and what they may see in the snapshot that answers.
struct Caller {
    let request: SignedRequest
    let zone: Zone
    let principal: Principal
    let scope: Scope
    let snapshot: Snapshot

    /// Checks signature, then time.
    /// - Throws: `notAuthenticated`, `requestExpired`.
    init(_ request: SignedRequest, _ common: CommonParameters, directory: Directory) throws(RosterError) {
        let snapshot = directory.snapshot
        let now = directory.now
        let key = snapshot.key(common.accessKeyID)
        // An unknown key costs what a known one does, and is told the same.
        let isAccepted = (key?.judge ?? directory.unknownKey).accepts(request)
        guard let key, isAccepted else { throw Rights.notAuthenticated }
        scope = try Rights.scope(of: key.principal, in: snapshot, at: now)
        try common.checkTime(now: now)
        self.request = request
        self.snapshot = snapshot
        zone = common.zone
        principal = key.principal
    }
}
