import Logging
import Roster

extension Session {
    /// A change of a password (RFC 3062) that is to be carried out off the event loop.
    struct PasswordChange: Sendable {
        let id: Int32
        let order: UserOrder
        let cluster: ClusterID
        let zone: Zone
        let asker: Asker
        /// The new password, where the server made it.
        let generated: String?
    }

    /// What is asked for, where whoever is bound may ask at all; whether it may be is judged by `UserAdministration`.
    /// - Throws: `confidentialityRequired`, `strongerAuthRequired` to nobody and to one whose proof holds no more,
    ///   `unavailable`, `protocolError`, `invalidAttributeSyntax` for what is no name, `noSuchObject`,
    ///   `unwillingToPerform`, `constraintViolation`.
    func passwordChange(_ request: ExtendedRequest, _ id: Int32) throws(RefusedOperation) -> PasswordChange {
        guard isEncrypted || isLoopback || server.settings.allowsClearPasswords else {
            throw RefusedOperation(.confidentialityRequired, "a password in clear is taken over TLS only")
        }
        guard server.directory.isReady else { throw RefusedOperation(.unavailable, "the directory is being loaded") }
        let request = try Self.passwordModify(request)
        let snapshot = server.directory.snapshot
        let asker = try asker(in: snapshot)
        try countChange(by: asker)
        let (cluster, username) = try whosePassword(request.identity, in: snapshot)
        guard let known = snapshot.cluster(cluster), asker.scope.extent(in: cluster) != nil else {
            throw .noSuchObject(below: "")
        }
        let present = try old(request.old, username, cluster)
        let (new, generated): (String, String?)
        if let asked = request.new {
            (new, generated) = (try Self.text(ofNew: asked), nil)
        } else {
            new = known.passwordRule.makePassword()
            generated = new
        }
        return PasswordChange(
            id: id, order: .setPassword(username: username, password: new, present: present), cluster: cluster,
            zone: known.zone, asker: asker, generated: generated)
    }

    /// Answers a change that was carried out, or was refused with an error.
    func finish(_ change: PasswordChange, _ outcome: Result<JobID, RosterError>, writer: inout ResponseWriter) {
        switch outcome {
        case .success:
            let value = change.generated.map { PasswordModifyResponse(generated: $0).bytes }
            writer.result(change.id, .extended, .success, value: value)
        case .failure(let error) where error.code == .passwordMismatch:
            let refused = wrongOldPassword(change.order.username, change.cluster)
            writer.result(change.id, .extended, refused.code, message: refused.message)
        case .failure(let error):
            writer.result(change.id, .extended, error.resultCode, message: error.message)
        }
    }

    // MARK: Parts

    private static func passwordModify(
        _ request: ExtendedRequest
    ) throws(RefusedOperation) -> PasswordModifyRequest {
        do throws(MessageFault) {
            return try PasswordModifyRequest(request.value)
        } catch {
            throw RefusedOperation(.protocolError, error.reason)
        }
    }

    private func asker(in snapshot: Snapshot) throws(RefusedOperation) -> Asker {
        let (origin, now) = ("ldap:\(address)", server.directory.now)
        do throws(RosterError) {
            switch identity {
            case .anonymous: throw RosterError(.notAuthenticated, "only who is bound may change passwords")
            case .service(let key): return try Asker(secretOf: key, origin: origin, in: snapshot, now: now)
            case .user(let proved): return try Asker(proved, origin: origin, in: snapshot, now: now)
            }
        } catch {
            throw RefusedOperation(error.resultCode, identity == .anonymous ? error.message : "bind again")
        }
    }

    /// Each change costs a hash and an event of the log. As in the API, operator and reader keys have no limit.
    private func countChange(by asker: Asker) throws(RefusedOperation) {
        guard case .account = asker.principal,
            case .refused(let seconds) = server.changes.take(asker.submitter + asker.cluster, now: .now)
        else { return }
        throw RefusedOperation(.unwillingToPerform, "too many changes, try again in \(seconds) seconds")
    }

    /// - Parameter name: the entry's; nil is that of whoever is bound.
    private func whosePassword(
        _ name: ArraySlice<UInt8>?, in snapshot: Snapshot
    ) throws(RefusedOperation) -> (ClusterID, username: String) {
        guard let name else {
            guard case .user(let proved) = identity, let user = snapshot.user(proved.user, in: proved.cluster) else {
                throw RefusedOperation(.noSuchObject, "a key has no password; say whose is to be changed")
            }
            return (proved.cluster, user.username.text)
        }
        guard let place = server.settings.tree.place(of: name) else {
            throw RefusedOperation(.invalidAttributeSyntax, "whose password it is must be said by a distinguished name")
        }
        switch place {
        case .user(let cluster, let username): return (cluster, username)
        case .service: throw RefusedOperation(.unwillingToPerform, "secrets of keys are not changed")
        default: throw .noSuchObject(below: "")
        }
    }

    private static func text(ofNew password: BindRequest.Password) throws(RefusedOperation) -> String {
        guard !password.bytes.isEmpty else { throw RefusedOperation(.unwillingToPerform, "the new password is empty") }
        guard let text = String(validating: password.bytes, as: UTF8.self) else {
            throw RefusedOperation(.constraintViolation, "the new password is not UTF-8")
        }
        return text
    }

    private func old(
        _ password: BindRequest.Password?, _ username: String, _ cluster: ClusterID
    ) throws(RefusedOperation) -> String? {
        guard let password else { return nil }
        guard let text = String(validating: password.bytes, as: UTF8.self) else {
            throw wrongOldPassword(username, cluster)
        }
        return text
    }

    /// Counts a wrong old password as a failed bind is counted.
    private func wrongOldPassword(_ username: String, _ cluster: ClusterID) -> RefusedOperation {
        let name = Self.nameOfFailure(username, cluster)
        server.logger.info(
            "an old password was wrong", metadata: ["client": "\(address)", "name": "\(name.shown(limit: 128))"])
        switch server.failures.recordFailure(address: address, name: name, now: .now) {
        case .allowed: return RefusedOperation(.unwillingToPerform, "the old password is another one")
        case .refused(let seconds):
            return RefusedOperation(
                .unwillingToPerform, "too many wrong passwords, try again in \(seconds) seconds")
        }
    }
}

extension Asker {
    /// Names of users are told apart by their cluster.
    fileprivate var cluster: String {
        if case .password(let proved) = proof { " \(proved.cluster)" } else { "" }
    }
}
