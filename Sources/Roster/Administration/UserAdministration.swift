/// Carries out orders about users: judges rights and rules at the newest snapshot, commits, and logs. One place for every
/// face.
package struct UserAdministration: Sendable {
    private let directory: Directory
    private let hashing: any PasswordHashing

    /// How often an order is judged again where others commit at the same moment, before the caller is told to try later.
    private static let attempts = 50

    package init(directory: Directory, hashing: any PasswordHashing) {
        self.directory = directory
        self.hashing = hashing
    }

    /// Carries `order` out in `cluster` and answers with its job. The same signed request again gets the first answer.
    ///
    /// What is refused here enters the operation log too, except where Roster itself is at fault or busy: those may be
    /// asked again.
    /// - Throws: `notFound`, `permissionDenied`, `accountExists`, `nameMalformed`, `noSuchUser`, `passwordUnacceptable`,
    ///   `passwordMismatch`, `alreadyExists`, `busy`, `readOnly`, `internalError`.
    package func carryOut(
        _ order: UserOrder, cluster: ClusterID, zone: Zone, by asker: Asker
    ) async throws(RosterError) -> JobID {
        let job = JobID.make()
        do {
            return try await attempt(order, cluster: cluster, zone: zone, by: asker, job: job)
        } catch {
            switch error.code {
            case .busy, .readOnly, .internalError: throw error
            default: return try await refuse(order, error, cluster: cluster, by: asker, job: job)
            }
        }
    }

    private func attempt(
        _ order: UserOrder, cluster: ClusterID, zone: Zone, by asker: Asker, job: JobID
    ) async throws(RosterError) -> JobID {
        // A hash costs 16 ms: it is made once, however often the order is judged again.
        var hash: PasswordHash?
        for _ in 0..<Self.attempts {
            let snapshot = directory.snapshot
            let judged = try Judgement(order, in: snapshot, cluster: cluster, zone: zone, by: asker)
            if let (text, present) = judged.passwordToProve {
                guard let present, let text, try await hashing.verify(text, against: present) else {
                    throw RosterError(.passwordMismatch, "password: the name and the password do not match")
                }
            }
            if let text = judged.passwordToHash, hash == nil { hash = try await hashing.hash(text) }
            var change = judged.change(hash: hash, now: directory.now)
            change.events = [
                event(order, cluster, asker, job: job, status: .pending, message: "asked"),
                event(order, cluster, asker, job: job, status: .successful, message: judged.summary),
            ]
            change.request = AnsweredRequest(digest: asker.digest, expires: asker.expires, outcome: .done(job))
            do throws(StoreFailure) {
                try await directory.commit(change, ifNewest: judged.needsNewest ? snapshot.revision : nil)
                return job
            } catch {
                switch error {
                case .outdated: await directory.refresh()
                case .answered(let outcome): return try Self.repeated(outcome)
                default: throw error.shown
                }
            }
        }
        throw StoreFailure.busy.shown
    }

    private func refuse(
        _ order: UserOrder, _ error: RosterError, cluster: ClusterID, by asker: Asker, job: JobID
    ) async throws(RosterError) -> JobID {
        var change = Change(time: directory.now)
        change.events = [event(order, cluster, asker, job: job, status: .failed, error: error, message: error.message)]
        change.request = AnsweredRequest(digest: asker.digest, expires: asker.expires, outcome: .refused(error))
        do throws(StoreFailure) {
            try await directory.commit(change)
        } catch .answered(let outcome) {
            return try Self.repeated(outcome)
        } catch {
            throw error.shown
        }
        throw error
    }

    private static func repeated(_ outcome: AnsweredRequest.Outcome) throws(RosterError) -> JobID {
        switch outcome {
        case .done(let job?): return job
        case .done(nil): throw RosterError(.internalError, "the same request was answered before, by another call")
        case .refused(let error): throw error
        }
    }

    private func event(
        _ order: UserOrder, _ cluster: ClusterID, _ asker: Asker, job: JobID, status: OperationEvent.Status,
        error: RosterError? = nil, message: String
    ) -> OperationEvent {
        OperationEvent(
            job: job, time: directory.now, action: order.action, owner: asker.account, submitter: asker.key.text,
            origin: asker.origin, clusters: [cluster], resources: [order.username.shown()],
            status: status, error: error?.code, message: message)
    }
}
