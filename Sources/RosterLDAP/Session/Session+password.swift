import Logging
import RosterDirectory
import RosterModel
import RosterServing
import RosterSnapshot

extension Session {
    /// A change of a password (RFC 3062), to be executed off the event loop.
    struct PasswordChange: Sendable {
        let id: Int32
        let command: UserCommand
        let cluster: ClusterID
        let zone: Zone
        let actor: CommandActor
        /// The new password, if the server generated it.
        let generated: String?
    }

    /// The requested change, if the bound identity may request one at all; `UserCommandHandler` decides whether it is
    /// allowed.
    /// - Throws: `confidentialityRequired`, `strongerAuthRequired` if the connection is anonymous or its proof no
    ///   longer holds, `unavailable`, `protocolError`, `invalidAttributeSyntax` for a malformed name, `noSuchObject`,
    ///   `unwillingToPerform`, `constraintViolation`.
    func passwordChange(_ request: ExtendedRequest, id: Int32) throws(LDAPOperationError) -> PasswordChange {
        guard isEncrypted || isLoopback || server.settings.allowsClearPasswords else {
            throw LDAPOperationError(.confidentialityRequired, "a password in clear is taken over TLS only")
        }
        guard server.directory.isReady else { throw LDAPOperationError(.unavailable, "the directory is being loaded") }
        let request = try Self.passwordModify(request)
        let snapshot = server.directory.snapshot
        let actor = try actor(in: snapshot)
        try countChange(by: actor)
        let (cluster, username) = try whosePassword(request.identity, in: snapshot)
        guard let known = snapshot.cluster(cluster), actor.scope.visibility(in: cluster) != nil else {
            throw .noSuchObject(below: "")
        }
        let present = try text(ofOld: request.old, of: username, in: cluster)
        let (new, generated): (String, String?)
        if let asked = request.new {
            (new, generated) = (try Self.text(ofNew: asked), nil)
        } else {
            new = known.passwordRule.makePassword()
            generated = new
        }
        return PasswordChange(
            id: id, command: .setPassword(username: username, password: new, present: present), cluster: cluster,
            zone: known.zone, actor: actor, generated: generated)
    }

    /// Responds to a change after it was executed or refused. After a change of the bound user's own password, the
    /// connection stays bound with the new one.
    /// - Parameter outcome: the hash of the new password, or the error.
    mutating func finishPasswordModify(
        _ change: PasswordChange, outcome: Result<PasswordHash, RosterError>, writer: inout ResponseWriter
    ) {
        switch outcome {
        case .success(let hash):
            if case .user(let bound) = identity, change.actor.proof == .password(bound),
                bound.cluster == change.cluster, bound.name.key == Username.key(of: change.command.username)
            {
                identity = .user(bound.with(hash))
                hasChangedPassword = true
            }
            let value = change.generated.map { PasswordModifyResponse(generated: $0).bytes }
            writer.result(id: change.id, .extended, .success, value: value)
        case .failure(let error) where error.code == .passwordMismatch:
            let refused = wrongOldPassword(of: change.command.username, in: change.cluster)
            writer.result(id: change.id, .extended, refused.code, message: refused.message)
        case .failure(let error) where error.code == .internalError:
            // Its text is for the administrator.
            server.logger.error("a password change failed", metadata: ["client": "\(address)", "cause": "\(error)"])
            writer.result(id: change.id, .extended, .other, message: "internal error")
        case .failure(let error):
            writer.result(id: change.id, .extended, error.resultCode, message: error.diagnosticMessage)
        }
    }

    // MARK: Parts

    private static func passwordModify(
        _ request: ExtendedRequest
    ) throws(LDAPOperationError) -> PasswordModifyRequest {
        do throws(BERError) {
            return try PasswordModifyRequest(request.value)
        } catch {
            throw LDAPOperationError(.protocolError, error.reason)
        }
    }

    private func actor(in snapshot: Snapshot) throws(LDAPOperationError) -> CommandActor {
        guard !hasChangedPassword else { throw LDAPOperationError(.strongerAuthRequired, "bind again") }
        let now = server.directory.now
        do throws(RosterError) {
            switch identity {
            case .anonymous: throw RosterError(.notAuthenticated, "only who is bound may change passwords")
            case .service(let key): return try CommandActor(secretOf: key, origin: origin, in: snapshot, now: now)
            case .user(let proved): return try CommandActor(proved, origin: origin, in: snapshot, now: now)
            }
        } catch {
            throw LDAPOperationError(error.resultCode, identity == .anonymous ? error.message : "bind again")
        }
    }

    /// Each change costs a hash and an entry in the log. As in the API, operator and reader keys have no limit.
    private func countChange(by actor: CommandActor) throws(LDAPOperationError) {
        guard case .account = actor.principal,
            case .refused(let seconds) = server.changes.consume(actor.submitter + actor.cluster, now: .now)
        else { return }
        throw LDAPOperationError(.unwillingToPerform, "too many changes, try again in \(seconds) seconds")
    }

    /// - Parameter name: the name of the user's entry; nil means the bound user.
    private func whosePassword(
        _ name: ArraySlice<UInt8>?, in snapshot: Snapshot
    ) throws(LDAPOperationError) -> (ClusterID, username: String) {
        guard let name else {
            guard case .user(let proved) = identity, let user = snapshot.user(proved.user, in: proved.cluster) else {
                throw LDAPOperationError(.noSuchObject, "a key has no password; say whose is to be changed")
            }
            return (proved.cluster, user.username.text)
        }
        guard let place = server.settings.tree.place(of: name) else {
            throw LDAPOperationError(
                .invalidAttributeSyntax, "whose password it is must be said by a distinguished name")
        }
        switch place {
        case .user(let cluster, let username): return (cluster, username)
        case .service: throw LDAPOperationError(.unwillingToPerform, "secrets of keys are not changed")
        default: throw .noSuchObject(below: "")
        }
    }

    private static func text(ofNew password: BindRequest.Password) throws(LDAPOperationError) -> String {
        guard !password.bytes.isEmpty else {
            throw LDAPOperationError(.unwillingToPerform, "the new password is empty")
        }
        guard let text = String(validating: password.bytes, as: UTF8.self) else {
            throw LDAPOperationError(.constraintViolation, "the new password is not UTF-8")
        }
        return text
    }

    private func text(
        ofOld password: BindRequest.Password?, of username: String, in cluster: ClusterID
    ) throws(LDAPOperationError) -> String? {
        guard let password else { return nil }
        guard let text = String(validating: password.bytes, as: UTF8.self) else {
            throw wrongOldPassword(of: username, in: cluster)
        }
        return text
    }

    /// Counts a wrong old password like a failed bind.
    private func wrongOldPassword(of username: String, in cluster: ClusterID) -> LDAPOperationError {
        let name = FailureCounter.name(ofUser: username, in: cluster)
        server.refusals.log(
            "an old password was wrong", client: address, name: name, reason: LoginObstacle.wrongPassword.reason,
            to: server.logger)
        switch server.failures.recordFailure(address: address, name: name, now: .now) {
        case .allowed: return LDAPOperationError(.unwillingToPerform, "the old password is another one")
        case .refused(let seconds):
            return LDAPOperationError(
                .unwillingToPerform, "too many wrong passwords, try again in \(seconds) seconds")
        }
    }
}

extension CommandActor {
    /// Distinguishes users of the same name in different clusters.
    fileprivate var cluster: String {
        if case .password(let proved) = proof { " \(proved.cluster)" } else { "" }
    }
}
