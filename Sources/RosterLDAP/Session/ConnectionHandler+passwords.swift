import NIOCore
import RosterDirectory
import RosterModel

// What is done elsewhere, while the requests behind it wait: a hash takes some 16 ms.
extension ConnectionHandler {
    func judge(_ bind: Session.PasswordBind, _ context: ChannelHandlerContext) {
        let (hashing, dummyHash) = (session.server.hashing, session.server.dummyHash)
        let (password, hash) = (bind.password, bind.proof?.hash)
        let judged = context.eventLoop.makeFutureWithTask { () -> Bool? in
            // Nobody's password is judged too, so that the time does not tell who is there.
            guard let hash = hash ?? dummyHash else { return false }
            return try? await hashing.verify(password, against: hash)
        }
        judged.assumeIsolated().whenComplete { [weak self] result in
            guard let self, context.channel.isActive, case .bind = self.running else { return }
            self.running = nil
            self.session.finishBind(bind, isRight: (try? result.get()) ?? nil, writer: &self.writer)
            self.resumeQueue(context)
        }
    }

    func execute(_ change: Session.PasswordChange, _ context: ChannelHandlerContext) {
        let administration = session.server.administration
        let done = context.eventLoop.makeFutureWithTask { () -> Result<PasswordHash, RosterError> in
            // Once asked for it is carried out, whether or not the client waits for the answer.
            do throws(RosterError) {
                return .success(
                    try await administration.setPassword(
                        change.order, cluster: change.cluster, zone: change.zone, by: change.actor))
            } catch {
                return .failure(error)
            }
        }
        done.assumeIsolated().whenSuccess { [weak self] outcome in
            guard let self, context.channel.isActive, case .change = self.running else { return }
            self.running = nil
            self.session.finish(change, outcome, writer: &self.writer)
            self.resumeQueue(context)
        }
    }
}
