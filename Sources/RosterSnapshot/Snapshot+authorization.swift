package import RosterModel

extension Authorization {
    /// The scope of a key of `principal` in `snapshot` at `now`.
    /// - Throws: `notAuthenticated` for an account without an active row.
    package static func scope(
        of principal: Principal, in snapshot: Snapshot, at now: Timestamp
    ) throws(RosterError) -> Scope {
        guard case .account(let account) = principal else { return try scope(of: principal, rows: [], at: now) }
        return try scope(of: principal, rows: snapshot.rows(of: account), at: now)
    }
}
