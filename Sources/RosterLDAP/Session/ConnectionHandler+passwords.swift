import NIOCore
import RosterDirectory
import RosterModel
import RosterServing

// Work that happens off the event loop while later requests wait: a hash takes about 16 ms.
extension ConnectionHandler {
    func verifyPassword(of bind: Session.PasswordBind, _ context: ChannelHandlerContext) {
        let (hashing, dummyHash) = (session.server.hashing, session.server.dummyHash)
        let (password, proof) = (bind.password, bind.proof)
        let renewsWeakHashes = session.server.settings.renewsWeakHashes
        let (administration, origin) = (session.server.administration, session.origin)
        let client = session.server.failures.hashingClient(address: session.address, now: .now)
        let verified = context.eventLoop.makeFutureWithTask { () -> Bool? in
            // A password is verified even for a name that does not exist, so that the time does not reveal which users
            // exist.
            guard let hash = proof?.hash ?? dummyHash else { return false }
            let isRight = try? await hashing.verify(password, against: hash, for: client)
            guard let proof, proof.hash.weakScheme != nil else { return isRight }
            if isRight == true {
                guard renewsWeakHashes else { return true }
                // Not awaited, and a failure has no effect: the next bind tries again.
                Task { try? await administration.strengthenHash(of: password, shown: proof, origin: origin) }
            } else if let dummyHash {
                // Verifying a weak hash is fast, which must not show either.
                _ = try? await hashing.verify(password, against: dummyHash, for: client)
            }
            return isRight
        }
        verified.assumeIsolated().whenComplete { [weak self] result in
            let isVerified = (try? result.get()) ?? nil
            let finish = { [weak self] in
                guard let self, context.channel.isActive, self.state.operation == .bind else { return }
                self.state.operationEnded()
                self.session.finishBind(bind, isVerified: isVerified, writer: &self.writer)
                self.resumeQueue(context)
            }
            guard client.isSuspect, isVerified != true else { return finish() }
            // One who guesses waits, and holds nothing but the connection meanwhile.
            context.eventLoop.assumeIsolated().scheduleTask(in: Self.suspectDelay, finish)
        }
    }

    /// How long the answer to a wrong password waits, once its address has failed too often.
    static let suspectDelay = TimeAmount.seconds(1)

    func execute(_ change: Session.PasswordChange, _ context: ChannelHandlerContext) {
        let administration = session.server.administration
        let done = context.eventLoop.makeFutureWithTask { () -> Result<PasswordHash, RosterError> in
            // The command runs whether or not the client waits for the response.
            do throws(RosterError) {
                return .success(
                    try await administration.setPassword(
                        change.command, cluster: change.cluster, zone: change.zone, by: change.actor))
            } catch {
                return .failure(error)
            }
        }
        done.assumeIsolated().whenSuccess { [weak self] outcome in
            guard let self, context.channel.isActive, self.state.operation == .passwordModify else { return }
            self.state.operationEnded()
            self.session.finishPasswordModify(change, outcome: outcome, writer: &self.writer)
            self.resumeQueue(context)
        }
    }
}
