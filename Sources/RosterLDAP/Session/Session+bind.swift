import Logging
import RosterDirectory
import RosterModel
import RosterServing
import RosterSnapshot

extension Session {
    mutating func handle(_ bind: BindRequest, id: Int32, writer: inout ResponseWriter) -> Action {
        // From here on the connection is anonymous, whatever the outcome (RFC 4511 section 4.2.1).
        becomeAnonymous()
        func respond(_ code: ResultCode, _ message: String = "") -> Action {
            if code != .success { logRefusedBind(id: id, name: nil, reason: message) }
            writer.result(id: id, .bind, code, message: message)
            return .done
        }
        guard bind.version == 3 else { return respond(.protocolError, "only version 3 is spoken") }
        guard case .simple(let password) = bind.authentication else {
            return respond(.authMethodNotSupported, "only simple binds are taken")
        }
        guard !bind.name.isEmpty || !password.bytes.isEmpty else { return respond(.success) }
        // Careless clients would take a bind with a name but no password for an authentication (RFC 4513 section
        // 5.1.2).
        guard !password.bytes.isEmpty else { return respond(.unwillingToPerform, "a name needs a password") }
        guard isEncrypted || isLoopback || server.settings.allowsClearPasswords else {
            return respond(.confidentialityRequired, "a password in clear is taken over TLS only")
        }
        guard let place = server.settings.tree.place(of: bind.name) else {
            return respond(.invalidDNSyntax, "the name is malformed")
        }
        guard server.directory.isReady else { return respond(.unavailable, "the directory is being loaded") }
        switch place {
        case .service(let key):
            let name = "key \(key)"
            guard server.directory.principal(of: key, secret: password.bytes) != nil else {
                let isKnown = server.directory.snapshot.key(key) != nil
                return rejectCredentials(
                    id: id, name: name, reason: isKnown ? "secret_wrong" : "key_unknown", writer: &writer)
            }
            identity = .service(key)
            return respond(.success)
        case .user(let cluster, let username):
            let user = server.directory.snapshot.user(named: username, in: cluster)
            let obstacle = LoginObstacle(of: user, at: server.directory.now, hashing: server.hashing)
            let name = FailureCounter.name(ofUser: username, in: cluster)
            guard let text = String(validating: password.bytes, as: UTF8.self) else {
                let reason = (obstacle ?? .wrongPassword).reason
                if let user { record(user.id, refusal: reason) }
                return rejectCredentials(id: id, name: name, reason: reason, writer: &writer)
            }
            return .verifyPassword(
                PasswordBind(
                    id: id, name: name, password: text, user: user?.id,
                    proof: obstacle == nil ? user.flatMap { PasswordAuthentication(of: $0) } : nil, obstacle: obstacle))
        default:
            return rejectCredentials(
                id: id, name: nil, reason: "the name is that of no user and no key", writer: &writer)
        }
    }

    mutating func becomeAnonymous() {
        identity = .anonymous
        hasChangedPassword = false
        pages = []
    }

    /// Finishes a bind after its password was verified.
    /// - Parameter isVerified: whether the password is right; nil if too many verifications are queued.
    mutating func finishBind(_ bind: PasswordBind, isVerified: Bool?, writer: inout ResponseWriter) {
        guard let isVerified else {
            logRefusedBind(id: bind.id, name: bind.name, reason: "too many passwords are being checked")
            writer.result(id: bind.id, .bind, .busy, message: "too many passwords are being checked, try again")
            return
        }
        guard isVerified, let proof = bind.proof else {
            let reason = (bind.obstacle ?? .wrongPassword).reason
            if let user = bind.user { record(user, refusal: reason) }
            _ = rejectCredentials(id: bind.id, name: bind.name, reason: reason, writer: &writer)
            return
        }
        identity = .user(proof)
        record(proof.user, refusal: nil)
        writer.result(id: bind.id, .bind, .success)
    }

    private func record(_ user: HPCUserID, refusal: String?) {
        server.logins.record(user, over: .ldap, client: address, refusal: refusal)
    }

    /// Logs why a bind is refused. The client is not told all of it.
    func logRefusedBind(id: Int32, name: String?, reason: String) {
        server.refusals.log(
            "a bind was refused", client: address, name: name, reason: reason, more: ["message": "\(id)"],
            to: server.logger)
    }

    private func rejectCredentials(
        id: Int32, name: String?, reason: String, writer: inout ResponseWriter
    ) -> Action {
        logRefusedBind(id: id, name: name, reason: reason)
        switch server.failures.recordFailure(address: address, name: name, now: .now) {
        case .allowed: writer.result(id: id, .bind, .invalidCredentials)
        case .refused(let seconds):
            writer.result(
                id: id, .bind, .unwillingToPerform, message: "too many failed binds, try again in \(seconds) seconds")
        }
        return .done
    }
}
